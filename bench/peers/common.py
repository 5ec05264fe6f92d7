"""What all peers share: the workload of ../workload.ts, timing, and the line that ../child.ts reads."""

import json
import statistics
import time

import torch
from transformers import GPT2Config, GPT2LMHeadModel

VOCABULARY, THREADS = 8192, 2
torch.set_num_threads(THREADS)
torch.manual_seed(0)


def model() -> GPT2LMHeadModel:
    config = GPT2Config(
        vocab_size=VOCABULARY,
        n_embd=384,
        n_layer=6,
        n_head=6,
        n_positions=256,
        resid_pdrop=0,
        embd_pdrop=0,
        attn_pdrop=0,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
        attn_implementation="sdpa",
    )
    return GPT2LMHeadModel(config)


def timed(runs: int, run) -> float:
    for _ in range(2):
        run()
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def report(**numbers: float) -> None:
    status = open("/proc/self/status").read()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps({**numbers, "peakMemory": peak}))
