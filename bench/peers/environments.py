"""Steps a second of processor time of Gymnasium's environments with random actions: the counterpart of ../ours/environments.ts."""

import json
import time
import warnings

import gymnasium

warnings.filterwarnings("ignore")
IDS = ["CartPole-v1", "Pendulum-v1", "Hopper-v4", "HalfCheetah-v4", "Ant-v4"]
SECONDS, START = 2, 2000


def steps_per_second(name: str) -> float:
    env = gymnasium.make(name)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(1000)]
    env.reset(seed=0)

    def play(index: int) -> None:
        _, _, terminated, truncated, _ = env.step(actions[index % 1000])
        if terminated or truncated:
            env.reset()

    for i in range(START):
        play(i)
    steps, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        for _ in range(100):
            play(steps)
            steps += 1
    return steps / (time.process_time() - began)


print(json.dumps({name: steps_per_second(name) for name in IDS}))
