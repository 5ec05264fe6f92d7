"""packages/rlhf/fixtures/objectives.json: objectives with their gradients, float64.

`masked_whiten` is TRL's own function; the other formulas stand inside TRL's trainers and are written out here.
"""

import math

import torch
import torch.nn.functional as F
import trl
from trl.experimental.ppo.ppo_trainer import masked_mean, masked_whiten

from common import generator, normal, number, numbers, versions, write

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
    pairs, beta, eps, tau = 6, 0.3, 0.1, 0.05
    length = torch.randint(2, 12, (4, pairs), generator=generator(3)).double()
    inputs = {
        "chosen": -10 + normal((pairs,), 1, 2), "rejected": -11 + normal((pairs,), 2, 2),
        "referenceChosen": -10 + normal((pairs,), 4, 2), "referenceRejected": -11 + normal((pairs,), 5, 2),
        "chosenLength": length[0], "rejectedLength": length[1],
    }

    def add(name: str, loss) -> None:
        def f(chosen, rejected, referenceChosen, referenceRejected, chosenLength, rejectedLength):
            c, r = chosen - referenceChosen, rejected - referenceRejected
            return loss(c, r, chosen, rejected, chosenLength, rejectedLength).mean()

        case(name, f, inputs, ["chosen", "rejected"])

    def ls(x):
        return F.logsigmoid(x)

    def mean_gap(c, r, nc, nr):
        return c / nc - r / nr

    def odds(p, n):
        return p / n - torch.log1p(-torch.exp(p / n))

    add("sigmoid", lambda c, r, *_: -ls(beta * (c - r)))
    add("forward_kl", lambda c, r, *_: -ls(beta * ((1 - torch.exp(-c)) - (1 - torch.exp(-r)))))
    add("js_divergence", lambda c, r, *_: -ls(beta * (math.log(2) + ls(c) - math.log(2) - ls(r))))
    add("alpha_divergence", lambda c, r, *_: -ls(beta * ((torch.exp(-0.5 * c) - 1) / -0.5 - (torch.exp(-0.5 * r) - 1) / -0.5)))
    add("sigmoid_norm", lambda c, r, pc, pr, nc, nr: -ls(beta * mean_gap(c, r, nc, nr)))
    add("hinge", lambda c, r, *_: torch.relu(1 - beta * (c - r)))
    add("ipo", lambda c, r, pc, pr, nc, nr: (mean_gap(c, r, nc, nr) - 1 / (2 * beta)) ** 2)
    add("cdpo", lambda c, r, *_: -(1 - eps) * ls(beta * (c - r)) - eps * ls(-beta * (c - r)))
    add("robust", lambda c, r, *_: (-(1 - eps) * ls(beta * (c - r)) + eps * ls(-beta * (c - r))) / (1 - 2 * eps))
    add("exo_pair", lambda c, r, *_: torch.sigmoid(beta * (c - r)) * (ls(beta * (c - r)) - math.log(1 - eps))
        + torch.sigmoid(-beta * (c - r)) * (ls(-beta * (c - r)) - math.log(eps)))
    add("nca_pair", lambda c, r, *_: -ls(beta * c) - 0.5 * ls(-beta * c) - 0.5 * ls(-beta * r))
    add("bco_pair", lambda c, r, *_: -ls(beta * c) - ls(-beta * r))
    add("sppo_hard", lambda c, r, *_: (c - 0.5 / beta) ** 2 + (r + 0.5 / beta) ** 2)
    add("apo_zero", lambda c, r, *_: 1 - torch.sigmoid(beta * c) + torch.sigmoid(beta * r))
    add("apo_down", lambda c, r, *_: torch.sigmoid(beta * c) + 1 - torch.sigmoid(beta * (c - r)))

    def discopop(c, r, *_):
        logits = beta * (c - r)
        modulation = torch.sigmoid(logits / tau)
        return -ls(logits) * (1 - modulation) + torch.exp(-logits) * modulation

    add("discopop", discopop)
    add("simpo", lambda c, r, pc, pr, nc, nr: -ls(beta * (pc / nc - pr / nr - 0.5 / beta)))
    add("cpo", lambda c, r, pc, pr, *_: -ls(beta * (pc - pr)))
    add("orpo", lambda c, r, pc, pr, nc, nr: -beta * ls(odds(pc, nc) - odds(pr, nr)))


def rewards() -> None:
    inputs = {"better": normal((5,), 20), "worse": normal((5,), 21), "margin": normal((5,), 22).abs()}
    case("reward", lambda better, worse, margin: -F.logsigmoid(better - worse - margin).mean()
         + 0.01 * torch.mean((better + worse) ** 2), inputs, ["better", "worse"])


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
    {"source": "TRL's formulas in float64", "versions": versions(trl), "cases": cases, "advantages": advantages()},
)
