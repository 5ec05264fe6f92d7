"""Trajectories of Gymnasium's environments: initial state, actions, and what each step gave.

Needs its own environment, without PyTorch: pip install -r requirements-environments.txt
"""

import json
import warnings
from pathlib import Path

import gymnasium
import mujoco
import numpy as np

warnings.filterwarnings("ignore")
TARGET = Path(__file__).resolve().parents[2] / "packages/control/fixtures/environments.json"
CLASSIC = ["CartPole-v1", "Pendulum-v1", "MountainCar-v0", "Acrobot-v1"]
MUJOCO = ["Hopper", "HalfCheetah", "Walker2d", "Ant", "Swimmer", "InvertedPendulum", "Reacher"]
STEPS = {"CartPole-v1": 40, "Acrobot-v1": 60, "Hopper-v5": 40, "Ant-v5": 16}


def number(x) -> float:
    return float(f"{float(x):.9g}")


def numbers(x) -> list:
    return [number(v) for v in np.asarray(x, dtype=np.float64).reshape(-1)]


def initial(env) -> dict:
    inner = env.unwrapped
    if hasattr(inner, "data"):
        return {
            "positions": [float(x) for x in inner.data.qpos],
            "velocities": [float(x) for x in inner.data.qvel],
        }
    return {"state": [float(x) for x in inner.state]}


def trajectory(name: str) -> dict:
    env = gymnasium.make(name)
    first, _ = env.reset(seed=7)
    state = initial(env)
    env.action_space.seed(11)
    actions, observations, rewards = [], [], []
    terminated = False
    while len(rewards) < STEPS.get(name, 24) and not terminated:
        action = env.action_space.sample()
        observation, reward, terminated, _, _ = env.step(action)
        actions.append(numbers(action))
        observations.append(numbers(observation))
        rewards.append(number(reward))
    return {
        "start": state,
        "first": numbers(first),
        "actions": actions,
        "observations": observations,
        "rewards": rewards,
        "terminated": bool(terminated),
    }


names = CLASSIC + [f"{name}-v{version}" for name in MUJOCO for version in (4, 5)]
lines = [f'"{name}": {json.dumps(trajectory(name), separators=(",", ":"))}' for name in names]
versions = json.dumps({"gymnasium": gymnasium.__version__, "mujoco": mujoco.__version__})
TARGET.parent.mkdir(parents=True, exist_ok=True)
TARGET.write_text(f'{{"versions": {versions},\n"trajectories": {{\n' + ",\n".join(lines) + "\n}}\n")
print(TARGET, TARGET.stat().st_size)
