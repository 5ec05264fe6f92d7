"""packages/rlhf/fixtures/objectives.json: objectives with their gradients, float64.

The reward model's loss, `masked_mean` and `masked_whiten` are TRL's own code; PPO's formulas stand inside one long function of
TRL and are written out here. Losses on pairs and thumbs are in preferences.py.
"""

from collections import defaultdict
from types import SimpleNamespace
from unittest.mock import MagicMock

import torch
import torch.nn.functional as F
import trl
from trl import RewardTrainer
from trl.experimental.ppo.ppo_trainer import masked_mean, masked_whiten

from common import normal, number, numbers, versions, write

cases: list[dict] = []


def case(name: str, f, inputs: dict, by: list[str]) -> None:
    """Adds the scalar f(**inputs) and its gradients by the named inputs."""
    leaves = {k: v.float().double().requires_grad_(k in by) for k, v in inputs.items()}
    loss = f(**leaves)
    loss.backward()
    cases.append(
        {
            "name": name,
            "inputs": {k: numbers(v) for k, v in inputs.items()},
            "loss": number(loss.detach()),
            "gradients": {k: numbers(leaves[k].grad) for k in by},
        }
    )


def direct() -> None:
    """cDPO, which TRL does not have: Mitchell's formula."""
    inputs = {"chosen": -10 + normal((6,), 1, 2), "rejected": -11 + normal((6,), 2, 2),
              "referenceChosen": -10 + normal((6,), 4, 2), "referenceRejected": -11 + normal((6,), 5, 2)}

    def cdpo(chosen, rejected, referenceChosen, referenceRejected):
        margin = 0.3 * ((chosen - referenceChosen) - (rejected - referenceRejected))
        return (-0.9 * F.logsigmoid(margin) - 0.1 * F.logsigmoid(-margin)).mean()

    case("cdpo", cdpo, inputs, ["chosen", "rejected"])


def rewards() -> None:
    inputs = {"better": normal((5,), 20), "worse": normal((5,), 21), "margin": normal((5,), 22).abs()}

    def reward(better, worse, margin):
        self = MagicMock()
        self.args.center_rewards_coefficient = 0.01
        self._metrics = {"train": defaultdict(list)}
        self._total_train_tokens = 0
        self.accelerator.gather = self.accelerator.gather_for_metrics = lambda x: x
        scores = lambda **_: SimpleNamespace(logits=torch.cat([better, worse])[:, None])
        return RewardTrainer.compute_loss(self, scores, {"margin": margin, "attention_mask": torch.ones(10)})

    case("reward", reward, inputs, ["better", "worse"])


def policy() -> None:
    shape = (4, 6)
    mask = torch.ones(shape).double()
    mask[0, 4:] = 0
    mask[2, :2] = 0
    old = -2 + normal(shape, 30, 0.5)
    inputs = {"logp": old + normal(shape, 31, 0.3), "oldLogp": old, "advantage": normal(shape, 32), "mask": mask}

    def clipped(logp, oldLogp, advantage, mask):
        ratio = torch.exp(logp - oldLogp)
        return masked_mean(torch.max(-advantage * ratio, -advantage * torch.clamp(ratio, 0.8, 1.2)), mask.bool())

    case("ppo clip", clipped, inputs, ["logp"])
    values = {"value": normal(shape, 33), "oldValue": normal(shape, 34), "returns": normal(shape, 35), "mask": mask}

    def value_loss(value, oldValue, returns, mask):
        held = torch.clamp(value, oldValue - 0.2, oldValue + 0.2)
        return 0.5 * masked_mean(torch.max((value - returns) ** 2, (held - returns) ** 2), mask.bool())

    case("ppo value", value_loss, values, ["value"])


def advantages() -> dict:
    """GAE as TRL's PPOTrainer computes it, for completions at the end of their rows, and whitening."""
    rows, time, gamma, lam = 3, 5, 0.99, 0.95
    rewards, values = normal((rows, time), 40), normal((rows, time), 41)
    last, reversed_ = 0, []
    for t in reversed(range(time)):
        following = values[:, t + 1] if t < time - 1 else 0.0
        delta = rewards[:, t] + gamma * following - values[:, t]
        last = delta + gamma * lam * last
        reversed_.append(last)
    result = torch.stack(reversed_[::-1], dim=1)
    mask = torch.ones(rows, time).bool()
    mask[1, :2] = False
    return {
        "gamma": gamma, "lambda": lam, "rewards": numbers(rewards), "values": numbers(values),
        "advantages": numbers(result), "returns": numbers(result + values), "mask": numbers(mask),
        "whitened": numbers(masked_whiten(result, mask)),
        "whitenedKeepingMean": numbers(masked_whiten(result, mask, shift_mean=False)),
    }


direct()
rewards()
policy()
write(
    "packages/rlhf/fixtures/objectives.json",
    {"source": "TRL, float64", "versions": versions(trl), "cases": cases, "advantages": advantages()},
)
