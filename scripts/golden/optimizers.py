"""packages/grad/fixtures/optimizers.json: ten steps of torch.optim, global-norm clipping, transformers' schedules."""

import torch
import transformers
from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

from common import normal, number, numbers, versions, write

STEPS = 10
SHAPES = {"matrix": (3, 4), "vector": (5,)}
start = {name: normal(shape, i) for i, (name, shape) in enumerate(SHAPES.items())}
gradients = [{name: normal(shape, 100 + 10 * step + i) for i, (name, shape) in enumerate(SHAPES.items())} for step in range(STEPS)]


def run(make, clip: float | None = None) -> dict:
    leaves = {name: value.clone().requires_grad_() for name, value in start.items()}
    optimizer = make(leaves)
    norms, states = [], []
    for step in range(STEPS):
        for name, leaf in leaves.items():
            leaf.grad = gradients[step][name].clone()
        if clip is not None:
            norms.append(number(torch.nn.utils.clip_grad_norm_(leaves.values(), clip)))
        optimizer.step()
        states.append({name: numbers(leaf) for name, leaf in leaves.items()})
    return {"norms": norms, "parameters": states}


def adamw(leaves):
    groups = [{"params": [leaves["matrix"]], "weight_decay": 0.1}, {"params": [leaves["vector"]], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.05, betas=(0.9, 0.95), eps=1e-8)


def schedule(make) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    scheduler = make(optimizer)
    rates = []
    for _ in range(20):
        rates.append(number(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()
    return rates


write(
    "packages/grad/fixtures/optimizers.json",
    {
        "source": "torch.optim and clip_grad_norm_ in float64; transformers' schedules with 4 warm-up steps of 20",
        "versions": versions(transformers),
        "start": {name: numbers(value) for name, value in start.items()},
        "gradients": [{name: numbers(value) for name, value in row.items()} for row in gradients],
        "adamw": run(adamw),
        "adamw clipped to 1": run(adamw, clip=1.0),
        "sgd": run(lambda leaves: torch.optim.SGD(leaves.values(), lr=0.05, momentum=0.9)),
        "schedules": {
            "linear": schedule(lambda o: get_linear_schedule_with_warmup(o, 4, 20)),
            "cosine": schedule(lambda o: get_cosine_schedule_with_warmup(o, 4, 20)),
        },
    },
)
