import torch
from common import VOCABULARY, model, report, timed

policy = model().train()
tokens = torch.randint(0, VOCABULARY, (8, 129))
inputs, targets = tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()
optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-4)


def step() -> None:
    optimizer.zero_grad(set_to_none=True)
    logits = policy(inputs).logits
    torch.nn.functional.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1)).backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
    optimizer.step()


report(seconds=timed(7, step))
