from common import SIZES, TRAINING, StepTimes, lora, policy, text, tokenizer
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from peers_report import report

prompts, group, prompt, new = (SIZES["online"][name] for name in ("prompts", "group", "prompt", "newTokens"))
data = Dataset.from_list([{"prompt": text(i, prompt)} for i in range(prompts * SIZES["steps"])])


def even(completions, **kwargs):
    return [float(len(completion) % 2) for completion in completions]


times = StepTimes()
config = GRPOConfig(
    **TRAINING, per_device_train_batch_size=prompts * group, num_generations=group, max_completion_length=new, beta=0.04,
    temperature=1.0, generation_kwargs={"min_new_tokens": new},
)
GRPOTrainer(
    model=policy(), reward_funcs=even, args=config, train_dataset=data, processing_class=tokenizer, peft_config=lora(), callbacks=[times]
).train()
report(**times.medians())
