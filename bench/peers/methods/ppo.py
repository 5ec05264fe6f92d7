from common import SIZES, TRAINING, StepTimes, classifier, lora, policy, row, tokenizer
from datasets import Dataset
from trl.experimental.ppo import PPOConfig, PPOTrainer

from peers_report import report

prompts, group, prompt, new = (SIZES["online"][name] for name in ("prompts", "group", "prompt", "newTokens"))
batch = prompts * group
data = Dataset.from_list([{"input_ids": row(i, prompt)} for i in range(batch * SIZES["steps"])])
times = StepTimes()
steps = TRAINING.pop("max_steps")
config = PPOConfig(
    **TRAINING, total_episodes=batch * steps, per_device_train_batch_size=batch, num_ppo_epochs=1, num_mini_batches=1,
    local_rollout_forward_batch_size=batch, response_length=new, temperature=1.0, num_sample_generations=0,
)
PPOTrainer(
    args=config, processing_class=tokenizer, model=policy(), ref_model=None, reward_model=classifier(), value_model=classifier(),
    train_dataset=data, eval_dataset=data, peft_config=lora(), callbacks=[times],
).train()
report(**times.medians())
