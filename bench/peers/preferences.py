"""Preference comparisons on Pendulum with Python's `imitation`, at the numbers of reproductions/control-preferences.

setup-imitation.sh makes its environment. Prints one line of JSON: mean true return of 20 episodes with the likeliest actions, seconds
of wall time and of processors, and steps that the agent was trained for. The first fit has 30 epochs (imitation's default of 600 takes
most of the run, its own tutorial has 12).
"""

import argparse
import json
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from imitation.algorithms import preference_comparisons
from imitation.data.wrappers import RolloutInfoWrapper
from imitation.policies.base import NormalizeFeaturesExtractor
from imitation.rewards.reward_nets import BasicRewardNet, NormalizedRewardNet, RewardEnsemble
from imitation.util.networks import RunningNorm
from imitation.util.util import make_vec_env
from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.policies import ActorCriticPolicy

ROLLOUT, PARTS = 2048, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--labels", type=int, default=700)
    parser.add_argument("--steps", type=int, default=163_840)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(options.threads)
    rng = np.random.default_rng(options.seed)
    wrappers = [lambda env, _: RolloutInfoWrapper(env)]
    venv = make_vec_env("Pendulum-v1", rng=rng, n_envs=4, post_wrappers=wrappers)
    began, used = time.perf_counter(), time.process_time()
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
        policy=ActorCriticPolicy,
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
        ent_coef=0.01,
        learning_rate=1e-3,
    )
    trainer = preference_comparisons.AgentTrainer(
        algorithm=agent, reward_fn=ensemble, venv=venv, exploration_frac=0.05, rng=rng
    )
    # The agent is trained once more than there are iterations, each time for total // iterations steps.
    rollouts = options.steps // ROLLOUT
    trainings = min(PARTS, rollouts)
    iterations = max(1, trainings - 1)
    loop = preference_comparisons.PreferenceComparisons(
        trainer,
        ensemble,
        num_iterations=iterations,
        fragmenter=fragmenter,
        preference_gatherer=preference_comparisons.SyntheticGatherer(temperature=0, sample=False, rng=rng),
        reward_trainer=reward_trainer,
        fragment_length=25,
        transition_oversampling=1,
        initial_comparison_frac=0.25,
        initial_epoch_multiplier=10,
        query_schedule="hyperbolic",
    )
    loop.train(
        total_timesteps=iterations * ROLLOUT * (rollouts // trainings), total_comparisons=options.labels
    )
    seconds, processors = time.perf_counter() - began, time.process_time() - used
    mean, _ = evaluate_policy(agent.policy, venv, n_eval_episodes=20)
    numbers = {"return": float(mean), "seconds": seconds, "processors": processors}
    print(json.dumps({**numbers, "labels": options.labels, "steps": agent.num_timesteps}))


if __name__ == "__main__":
    main()
