from common import SIZES, TRAINING, StepTimes, policy, row, tokenizer
from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from peers_report import report

rows, tokens = SIZES["supervised"]["rows"], SIZES["supervised"]["tokens"]
data = Dataset.from_list([{"input_ids": row(i, tokens)} for i in range(rows * SIZES["steps"])])
times = StepTimes()
config = SFTConfig(**TRAINING, per_device_train_batch_size=rows, max_length=None)
SFTTrainer(model=policy(), args=config, train_dataset=data, processing_class=tokenizer, callbacks=[times]).train()
report(**times.medians())
