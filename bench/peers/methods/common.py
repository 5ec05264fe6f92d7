"""The models of ../../methods.ts for the peers, and their data: rows of words that are one token each."""

import json
import os
import re
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import torch
from peft import LoraConfig
from transformers import (
    AutoModelForCausalLM, AutoModelForSequenceClassification, GPT2Config, GPT2ForSequenceClassification, GPT2LMHeadModel,
    PreTrainedTokenizerFast, TrainerCallback,
)

ROOT = Path(__file__).resolve().parents[3]
IS_GPT = sys.argv[1] == "gpt"
FOLDER = ROOT / "models" / ("sotu-4m" if IS_GPT else "smollm2-135m-instruct")
SIZES = json.loads((ROOT / "bench/methods.json").read_text())
torch.set_num_threads(2)
torch.manual_seed(0)

tokenizer = PreTrainedTokenizerFast(
    tokenizer_file=str(FOLDER / "tokenizer.json"), pad_token="<|endoftext|>", eos_token="<|endoftext|>" if IS_GPT else "<|im_end|>"
)
tokenizer.padding_side = "left"
vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
WORDS = [(token, id) for token, id in vocabulary if re.fullmatch("Ġ[a-z]+", token)]


def row(seed: int, length: int) -> list[int]:
    return [WORDS[(37 * seed + 11 * i) % len(WORDS)][1] for i in range(length)]


def text(seed: int, length: int) -> str:
    return "".join(WORDS[(37 * seed + 11 * i) % len(WORDS)][0].replace("Ġ", " ") for i in range(length))


def gpt_config() -> GPT2Config:
    sizes = dict(vocab_size=8192, n_embd=384, n_layer=6, n_head=6, n_positions=256, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)
    ends = dict(bos_token_id=tokenizer.eos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id)
    return GPT2Config(**sizes, **ends)


def policy():
    if IS_GPT:
        return GPT2LMHeadModel(gpt_config())
    return AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32)


def classifier():
    if IS_GPT:
        config = gpt_config()
        config.num_labels = 1
        return GPT2ForSequenceClassification(config)
    model = AutoModelForSequenceClassification.from_pretrained(FOLDER, num_labels=1, dtype=torch.float32)
    model.config.pad_token_id = tokenizer.pad_token_id
    return model


def lora() -> LoraConfig:
    return LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")


class StepTimes(TrainerCallback):
    """Seconds of every step but the first."""

    def __init__(self):
        self.ends = []

    def on_step_end(self, *args, **kwargs):
        self.ends.append((time.perf_counter(), time.process_time()))

    def medians(self) -> dict:
        pairs = list(zip(self.ends, self.ends[1:]))
        return {name: statistics.median(b[i] - a[i] for a, b in pairs) for i, name in enumerate(["seconds", "processors"])}


TRAINING = dict(
    output_dir=str(ROOT / "bench/peers/.venv/trl-output"),
    use_cpu=True, bf16=False, fp16=False, report_to="none", save_strategy="no", logging_strategy="no", disable_tqdm=True,
    gradient_checkpointing=False, learning_rate=1e-5, max_steps=SIZES["steps"], seed=0,
)
