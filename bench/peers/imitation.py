"""Preference comparisons on Pendulum with Python's `imitation`, at the numbers of reproductions/control-preferences.

Needs `pip install imitation==1.0.1 stable-baselines3 gymnasium` in an environment of its own. Prints one line of JSON: mean true
return of 20 episodes with the likeliest actions, and seconds of wall time.
"""

import argparse
import json
import time

import numpy as np
import torch
from imitation.algorithms import preference_comparisons
from imitation.data.wrappers import RolloutInfoWrapper
from imitation.policies.base import FeedForward32Policy, NormalizeFeaturesExtractor
from imitation.rewards.reward_nets import BasicRewardNet, NormalizedRewardNet, RewardEnsemble
from imitation.util.networks import RunningNorm
from imitation.util.util import make_vec_env
from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--labels", type=int, default=700)
    parser.add_argument("--steps", type=int, default=160_000)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rng = np.random.default_rng(options.seed)
    wrappers = [lambda env, _: RolloutInfoWrapper(env)]
    venv = make_vec_env("Pendulum-v1", rng=rng, n_envs=4, post_wrappers=wrappers)
    began = time.perf_counter()
    members = [
        NormalizedRewardNet(
            BasicRewardNet(venv.observation_space, venv.action_space, normalize_input_layer=RunningNorm, hid_sizes=(64, 64)),
            RunningNorm,
        )
        for _ in range(3)
    ]
    ensemble = RewardEnsemble(venv.observation_space, venv.action_space, members)
    preference_model = preference_comparisons.PreferenceModel(ensemble, noise_prob=0.1)
    fragmenter = preference_comparisons.ActiveSelectionFragmenter(
        preference_model=preference_model,
        base_fragmenter=preference_comparisons.RandomFragmenter(warning_threshold=0, rng=rng),
        fragment_sample_factor=10,
    )
    reward_trainer = preference_comparisons.EnsembleTrainer(
        preference_model, preference_comparisons.CrossEntropyRewardLoss(), epochs=3, rng=rng
    )
    agent = PPO(
        policy=FeedForward32Policy,
        policy_kwargs=dict(
            features_extractor_class=NormalizeFeaturesExtractor,
            features_extractor_kwargs=dict(normalize_class=RunningNorm),
        ),
        env=venv,
        seed=options.seed,
        n_steps=512,
        batch_size=64,
        n_epochs=10,
        gamma=0.9,
        learning_rate=1e-3,
    )
    trainer = preference_comparisons.AgentTrainer(
        algorithm=agent, reward_fn=ensemble, venv=venv, exploration_frac=0.05, rng=rng
    )
    loop = preference_comparisons.PreferenceComparisons(
        trainer,
        ensemble,
        num_iterations=20,
        fragmenter=fragmenter,
        preference_gatherer=preference_comparisons.SyntheticGatherer(temperature=0, sample=False, rng=rng),
        reward_trainer=reward_trainer,
        fragment_length=25,
        transition_oversampling=1,
        initial_comparison_frac=0.25,
        query_schedule="hyperbolic",
    )
    loop.train(total_timesteps=options.steps, total_comparisons=options.labels)
    seconds = time.perf_counter() - began
    mean, _ = evaluate_policy(agent.policy, venv, n_eval_episodes=20)
    print(json.dumps({"return": float(mean), "seconds": seconds, "labels": options.labels, "steps": options.steps}))


if __name__ == "__main__":
    main()
