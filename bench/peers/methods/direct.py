from common import SIZES, TRAINING, StepTimes, lora, policy, text, tokenizer
from datasets import Dataset
from trl import DPOConfig, DPOTrainer

from peers_report import report

pairs, prompt, completion = (SIZES["direct"][name] for name in ("pairs", "prompt", "completion"))
data = Dataset.from_list(
    [
        {"prompt": text(i, prompt), "chosen": text(i + 1000, completion), "rejected": text(i + 2000, completion)}
        for i in range(pairs * SIZES["steps"])
    ]
)
times = StepTimes()
config = DPOConfig(**TRAINING, per_device_train_batch_size=pairs, beta=0.1)
DPOTrainer(
    model=policy(), args=config, train_dataset=data, processing_class=tokenizer, peft_config=lora(), callbacks=[times]
).train()
report(**times.medians())
