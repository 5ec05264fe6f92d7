"""packages/rlhf/fixtures/preferences.json: losses on pairs and on thumbs by TRL's own trainers, from logits, float64."""

from collections import defaultdict
from types import SimpleNamespace
from unittest.mock import MagicMock

import torch
import trl
from trl import DPOTrainer, KTOTrainer
from trl.experimental.bco.bco_trainer import BCOTrainer, RunningMoments
from trl.experimental.cpo import CPOTrainer
from trl.experimental.nash_md import NashMDTrainer
from trl.experimental.orpo import ORPOTrainer
from trl.experimental.xpo import XPOTrainer
from trl.trainer.utils import selective_log_softmax

from common import generator, normal, number, numbers, versions, write

PAIRS, TIME, VOCABULARY = 4, 6, 5
ROWS = 2 * PAIRS
IDS = torch.randint(VOCABULARY, (ROWS, TIME + 1), generator=generator(60))
LENGTHS = torch.randint(2, TIME, (ROWS,), generator=generator(61))
# the first token is a prompt; row r's completion has LENGTHS[r] tokens
COMPLETION = torch.zeros(ROWS, TIME + 1, dtype=torch.long)
for row, length in enumerate(LENGTHS.tolist()):
    COMPLETION[row, 1 : 1 + length] = 1
LOGITS = normal((ROWS, TIME + 1, VOCABULARY), 62)
REFERENCE = LOGITS + normal((ROWS, TIME + 1, VOCABULARY), 63, 0.5)
BETA, SMOOTHING = 0.3, 0.1
cases: list[dict] = []


def model(logits: torch.Tensor) -> MagicMock:
    return MagicMock(side_effect=lambda **_: SimpleNamespace(logits=logits))


def add(name: str, loss_of, dtype=torch.float64) -> None:
    """Adds loss_of(logits) and its gradient by the logits that predict something."""
    logits = LOGITS.float().to(dtype).requires_grad_()
    loss = loss_of(logits)
    loss.backward()
    cases.append({"name": name, "loss": number(loss.detach()), "gradient": numbers(logits.grad[:, :-1].double())})


def logps(logits: torch.Tensor) -> torch.Tensor:
    found = selective_log_softmax(logits[:, :-1], IDS[:, 1:])
    return found * COMPLETION[:, 1:]


def settings(**given) -> MagicMock:
    """What a trainer's loss reads of its trainer."""
    self = MagicMock()
    self.accelerator.device = torch.device("cpu")
    self.accelerator.gather = self.accelerator.gather_for_metrics = lambda x: x
    self.accelerator.use_distributed = False
    self.model.training = True
    self._metrics = {"train": defaultdict(list)}
    self._total_train_tokens = 0
    self.aux_loss_enabled = False
    self.precompute_ref_logps = False
    defaults = dict(
        beta=BETA, label_smoothing=0.0, f_divergence_type="reverse_kl", f_alpha_divergence_coef=0.5, ld_alpha=None,
        use_weighting=False, loss_weights=[1.0], args=SimpleNamespace(
            discopop_tau=0.05, gradient_checkpointing_kwargs=None, loss_type="sigmoid"),
    )
    for name, value in (defaults | given).items():
        setattr(self, name, value)
    return self


def dpo(name: str, loss: str, dtype=torch.float64, **given) -> None:
    def loss_of(logits):
        self = settings(loss_types=[loss] if isinstance(loss, str) else loss, **given)
        self.ref_model = model(REFERENCE.float().to(dtype))
        inputs = {"input_ids": IDS, "attention_mask": torch.ones_like(IDS), "completion_mask": COMPLETION}
        return DPOTrainer._compute_loss(self, model(logits * 1), inputs, False)

    add(name, loss_of, dtype)


for loss in ["sigmoid", "sigmoid_norm", "hinge", "ipo", "nca_pair", "bco_pair", "sppo_hard", "aot", "aot_unpaired",
             "apo_zero", "apo_down", "discopop"]:
    dpo(loss, loss)
for divergence in ["forward_kl", "js_divergence"]:
    dpo(divergence, "sigmoid", f_divergence_type=divergence)
dpo("alpha_divergence", "sigmoid", dtype=torch.float32, f_divergence_type="alpha_divergence")
for loss in ["robust", "exo_pair", "aot", "aot_unpaired"]:
    dpo(loss if loss in ("robust", "exo_pair") else f"{loss} smoothed", loss, label_smoothing=SMOOTHING)
dpo("wpo", "sigmoid", use_weighting=True)
dpo("wpo ipo", "ipo", use_weighting=True)
dpo("ld", "sigmoid", ld_alpha=0.4)
dpo("mpo", ["sigmoid", "bco_pair"], loss_weights=[0.8, 0.2])


def halves(logits, mean=False):
    sums = logps(logits).sum(1) / (COMPLETION.sum(1) if mean else 1)
    return sums.chunk(2)


def cpo(name: str, mean: bool, **given) -> None:
    defaults = dict(loss_type="sigmoid", alpha=0.0, simpo_gamma=0.5)
    add(name, lambda logits: CPOTrainer.cpo_loss(settings(**(defaults | given)), *halves(logits, mean))[0].mean())


cpo("cpo", False)
cpo("cpo smoothed", False, label_smoothing=SMOOTHING)
cpo("simpo", True, loss_type="simpo")
cpo("alphapo", True, loss_type="simpo", alpha=0.25)
add("orpo", lambda logits: -ORPOTrainer.odds_ratio_loss(settings(), *halves(logits, True))[0].mean(), torch.float32)

LABELS = torch.tensor([1, 0, 0, 1, 1, 1, 0, 0])
KL_LOGPS, REFERENCE_KL_LOGPS = normal((ROWS,), 64) + 0.7, normal((ROWS,), 65)


def kto(name: str, loss: str) -> None:
    def loss_of(logits):
        reference = model(REFERENCE.float().double())
        self = settings(loss_type=loss, desirable_weight=1.0, undesirable_weight=1.3, calculate_KL=loss == "kto")
        self.ref_model = reference
        self._compute_kl_logps = lambda who, _: REFERENCE_KL_LOGPS if who is reference else KL_LOGPS
        inputs = {"input_ids": IDS, "attention_mask": torch.ones_like(IDS), "completion_mask": COMPLETION, "label": LABELS}
        return KTOTrainer._compute_loss(self, model(logits * 1), inputs, False)

    add(name, loss_of)


kto("kto", "kto")
kto("apo_zero_unpaired", "apo_zero_unpaired")
RUNNING = dict(mean=0.4, count=10)


def bco(logits):
    self = settings(match_underlying_distribution=False)
    self.running = RunningMoments(self.accelerator, **RUNNING)
    ours, theirs = logps(logits).sum(1), logps(REFERENCE.float().double()).sum(1)
    likes, dislikes = LABELS == 1, LABELS == 0
    losses, _, _, delta = BCOTrainer.bco_loss(self, ours[likes], ours[dislikes], theirs[likes], theirs[dislikes], None, None)
    bco.delta = number(delta)
    return losses.nanmean()


add("bco", bco)

CHOSEN_FIRST = torch.tensor([True, False, False, True])
PROBABILITY = torch.tensor([0.9, 0.2, 0.5, 0.7], dtype=torch.float64)


def xpo(logits):
    own, sampled = logps(logits).chunk(2)
    own_reference, sampled_reference = logps(REFERENCE.float().double()).chunk(2)
    self = settings(alpha=0.05)
    return XPOTrainer._compute_losses(self, own, sampled, sampled_reference, own_reference, CHOSEN_FIRST)[0]


def nash_md(logits):
    own, theirs = logps(logits)[:PAIRS], logps(REFERENCE.float().double())[:PAIRS]
    return NashMDTrainer._compute_losses(settings(), own, theirs, PROBABILITY)[0]


add("xpo", xpo)
add("nash_md", nash_md)
write(
    "packages/rlhf/fixtures/preferences.json",
    {
        "source": "the loss functions of TRL's own trainers, float64 (alpha_divergence and orpo: float32, as they cast)",
        "versions": versions(trl),
        "beta": BETA, "smoothing": SMOOTHING,
        "targets": numbers(IDS[:, 1:]), "mask": numbers(COMPLETION[:, 1:].double()),
        "logits": numbers(LOGITS[:, :-1]), "referenceLogits": numbers(REFERENCE[:, :-1]),
        "desirable": numbers(LABELS.double()), "klPoint": number((KL_LOGPS - REFERENCE_KL_LOGPS).mean().clamp(min=0)),
        "running": RUNNING, "delta": bco.delta,
        "chosenFirst": numbers(CHOSEN_FIRST.double()), "probability": numbers(PROBABILITY),
        "cases": cases,
    },
)
