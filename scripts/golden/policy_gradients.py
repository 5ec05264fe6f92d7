"""packages/rlhf/fixtures/policy-gradients.json: GRPOTrainer's and RLOOTrainer's own losses on given log-probabilities, float64."""

from collections import defaultdict
from types import SimpleNamespace
from unittest.mock import MagicMock

import torch
import trl
from trl import GRPOTrainer, RLOOTrainer

from common import generator, normal, number, numbers, versions, write

SHAPE = (6, 7)
MASK = torch.ones(SHAPE).double()
for row, length in enumerate([7, 3, 5, 1, 7, 4]):
    MASK[row, length:] = 0
OLD = -2 + normal(SHAPE, 50, 0.5)
LOGP = OLD + normal(SHAPE, 51, 0.3)
REFERENCE = OLD + normal(SHAPE, 52, 0.2)
ADVANTAGE = normal((SHAPE[0],), 53)
cases: list[dict] = []


def trainer(logp: torch.Tensor, **settings) -> MagicMock:
    """What `_compute_loss` reads of its trainer: the settings, and a model that says `logp`."""
    self = MagicMock()
    self._get_per_token_logps_and_entropies = lambda *_, **__: (logp, torch.zeros_like(logp), None)
    self.aux_loss_enabled = False
    self._entropy_bonus_enabled = False
    self.use_vllm = False
    self.off_policy_mask_threshold = None
    self.top_entropy_quantile = 1.0
    self.current_gradient_accumulation_steps = 1
    self.max_completion_length = 16
    self.model.training = True
    self.accelerator.num_processes = 1
    self.accelerator.gather = lambda x: x
    self.accelerator.reduce = lambda x, **_: x
    self._metrics = {"train": defaultdict(list)}
    self.args = SimpleNamespace(
        use_bias_correction_kl=settings.pop("corrected", False), delta=settings.pop("delta", None), steps_per_generation=1,
        sapo_temperature_pos=1.0, sapo_temperature_neg=1.05,
    )
    defaults = dict(importance_sampling_level="token", beta=0.0, epsilon_low=0.2, epsilon_high=0.2, loss_type="grpo")
    for name, value in (defaults | settings).items():
        setattr(self, name, value)
    return self


def case(name: str, compute, **settings) -> None:
    logp = LOGP.float().double().requires_grad_()
    ids = torch.zeros(SHAPE, dtype=torch.long)
    inputs = {
        "prompt_ids": ids[:, :1], "prompt_mask": ids[:, :1], "completion_ids": ids, "completion_mask": MASK,
        "advantages": ADVANTAGE.float().double(), "old_per_token_logps": OLD.float().double(),
        "old_logps": (OLD.float().double() * MASK).sum(1),
        "ref_per_token_logps": REFERENCE.float().double(), "num_items_in_batch": MASK.sum(),
    }
    loss = compute(trainer(logp, **settings), MagicMock(), inputs)
    loss.backward()
    cases.append({"name": name, "loss": number(loss.detach()), "gradient": numbers(logp.grad)})


GRPO, RLOO = GRPOTrainer._compute_loss, RLOOTrainer._compute_loss
case("grpo", GRPO)
case("grpo with kl", GRPO, beta=0.1)
case("grpo with corrected kl", GRPO, beta=0.1, corrected=True)
case("dr_grpo", GRPO, loss_type="dr_grpo")
case("dapo", GRPO, loss_type="dapo", epsilon_high=0.28)
case("two-sided clip", GRPO, loss_type="dapo", delta=1.1)
case("gspo", GRPO, importance_sampling_level="sequence", epsilon_low=0.05, epsilon_high=0.08)
case("cispo", GRPO, loss_type="cispo", epsilon_high=1.2)
case("sapo", GRPO, loss_type="sapo")
case("rloo", RLOO, epsilon_low=0.4, epsilon_high=0.4)
write(
    "packages/rlhf/fixtures/policy-gradients.json",
    {
        "source": "GRPOTrainer._compute_loss and RLOOTrainer._compute_loss, float64",
        "versions": versions(trl),
        "logp": numbers(LOGP), "oldLogp": numbers(OLD), "referenceLogp": numbers(REFERENCE),
        "advantage": numbers(ADVANTAGE), "mask": numbers(MASK), "cases": cases,
    },
)
