"""packages/control/fixtures/minatar.json: games of the MinAtar package, with every random draw, reward and picture.

Needs `pip install minatar==1.0.15 numpy six` and nothing else of this folder. Each game is played three times by moves that look a few
frames ahead for survival, so that it goes far, and once at random until it is over; a picture is the first eight hex digits of the SHA-1 of its bits, channel by
channel.
"""

import copy
import hashlib
import json
from importlib import import_module
from pathlib import Path

import numpy as np

FRAMES = 900
LONGEST = 3000  # Freeway's clock ends a game after 2500 frames
LETTERS = ["n", "l", "u", "r", "d", "f"]


class Recorder:
    """Stands in for numpy's generator; keeps whole numbers counted from 0 and fractions as drawn."""

    def __init__(self, seed: int):
        self.source = np.random.RandomState(seed)
        self.draws: list[float] = []

    def rand(self, size=None):
        drawn = self.source.rand(*(() if size is None else (size,)))
        self.draws += [round(float(v), 6) for v in np.atleast_1d(drawn)]
        return drawn

    def randint(self, low, high=None, size=None):
        low, high = (0, low) if high is None else (low, high)
        drawn = self.source.randint(low, high, size)
        self.draws += [int(v) - low for v in np.atleast_1d(drawn)]
        return drawn


def picture(env) -> str:
    bits = np.transpose(env.state(), (2, 0, 1)).astype(np.uint8)
    return hashlib.sha1(bits.tobytes()).hexdigest()[:8]


def survives(env, action: int, depth: int) -> bool:
    env = copy.deepcopy(env)
    env.act(action)
    for _ in range(depth):
        env.act(0)
    return not env.terminal


def towards(x: int, target: int, less: int, more: int) -> list[int]:
    return [] if x == target else [less if target < x else more]


def aims(name: str, env, chooser) -> list[int]:
    """Moves that a player would want: under the ball, over the road, to the divers and back to the surface."""
    if name == "breakout":
        return towards(env.pos, env.ball_x, 1, 3) or [0]
    if name == "freeway":
        return [2] if chooser.rand() < 0.8 else []
    if name == "space_invaders" and chooser.rand() < 0.5:
        return [5]
    if name == "seaquest" and chooser.rand() < 0.8:
        if env.diver_count == 6 or (env.oxygen < 60 and env.diver_count > 0):
            return [2]
        if env.divers and env.diver_count < 6:
            x, y = env.divers[0][:2]
            return towards(env.sub_y, y, 2, 4) + towards(env.sub_x, x, 1, 3)
        return [4] if env.sub_y < 3 else [5]
    return []


def play(name: str, seed: int, careful: bool = True) -> dict:
    env = import_module(f"minatar.environments.{name}").Env(ramping=True)
    env.random = Recorder(seed)
    env.reset()
    chooser = np.random.RandomState(seed + 1000)
    actions = env.minimal_action_set()
    moves, pictures, rewards = [], [picture(env)], {}
    while len(moves) < (FRAMES if careful else LONGEST) and not env.terminal:
        order = (aims(name, env, chooser) if careful else []) + list(chooser.permutation(actions))
        safe = [a for a in order if careful and any(survives(env, a, depth) for depth in (9, 6, 3, 1))]
        action = int((safe or order)[0])
        reward, _ = env.act(action)
        if reward:
            rewards[len(moves)] = int(reward)
        moves.append(LETTERS[action])
        pictures.append(picture(env))
    return {
        "game": name,
        "seed": seed,
        "moves": "".join(moves),
        "draws": env.random.draws,
        "rewards": rewards,
        "over": bool(env.terminal),
        "pictures": "".join(pictures),
    }


if __name__ == "__main__":
    games = [
        play(name, seed, careful=seed < 3)
        for name in ["breakout", "freeway", "asterix", "space_invaders", "seaquest"]
        for seed in range(4)
    ]
    target = Path(__file__).resolve().parents[2] / "packages/control/fixtures/minatar.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    body = ",\n".join(json.dumps(game, separators=(",", ":")) for game in games)
    target.write_text(f"[\n{body}\n]\n")
    for game in games:
        print(game["game"], len(game["moves"]), sum(game["rewards"].values()), game["over"])
    print(f"{target.name}: {target.stat().st_size:,} bytes")
