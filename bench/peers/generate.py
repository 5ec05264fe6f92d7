import torch
from common import VOCABULARY, model, report, timed

policy = model().eval()
rows = torch.arange(16)[:, None] * 37 + torch.arange(32)[None, :] * 11
prompts = rows % VOCABULARY
mask = torch.ones_like(prompts)


@torch.no_grad()
def generate() -> None:
    sequences = policy.generate(prompts, attention_mask=mask, do_sample=False, min_new_tokens=128, max_new_tokens=128)
    assert sequences.shape == (16, 32 + 128)


report(seconds=timed(3, generate))
