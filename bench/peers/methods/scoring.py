import torch
from common import SIZES, classifier, row

from peers_report import report, timed

rows, tokens = SIZES["scoring"]["rows"], SIZES["scoring"]["tokens"]
model = classifier().eval()
ids = torch.tensor([row(i, tokens) for i in range(rows)])
mask = torch.ones_like(ids)


@torch.no_grad()
def score() -> None:
    model(ids, attention_mask=mask).logits


report(**timed(3, score))
