import torch
from common import SIZES, policy, row

from peers_report import report, timed


def measure(batch: int) -> None:
    prompt, new = SIZES["generation"]["prompt"], SIZES["generation"]["newTokens"]
    model = policy().eval()
    ids = torch.tensor([row(i, prompt) for i in range(batch)])
    numbers = dict(attention_mask=torch.ones_like(ids), do_sample=False, min_new_tokens=new, max_new_tokens=new, pad_token_id=0)

    @torch.no_grad()
    def generate() -> None:
        assert model.generate(ids, **numbers).shape == (batch, prompt + new)

    report(**timed(2, generate))
