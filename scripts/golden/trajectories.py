"""packages/rlhf/fixtures/trajectories.json: ten optimiser steps of TRL's trainers on a tiny Llama, float32."""

import os
import tempfile

os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

import torch
import transformers
import trl
from datasets import Dataset
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from torch.utils.data import SequentialSampler
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification, LlamaForTokenClassification, PreTrainedTokenizerFast
from trl import (
    DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer, RLOOConfig,
    RLOOTrainer, SFTConfig, SFTTrainer,
)

from trl.experimental.prm import PRMConfig, PRMTrainer

from common import generator, number, packed, versions, write

torch.set_num_threads(1)
VOCABULARY, STEPS, BATCH, GROUP, MOST = 24, 10, 8, 4, 6
END, PAD = 0, 1
CONFIG = dict(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=2, max_position_embeddings=32, tie_word_embeddings=True, attn_implementation="eager",
    bos_token_id=None, eos_token_id=END, pad_token_id=PAD,
)
NAMES = {w: i for i, w in enumerate(["<end>", "<pad>"] + [f"w{i}" for i in range(2, VOCABULARY)])}


def tokenizer() -> PreTrainedTokenizerFast:
    words = Tokenizer(WordLevel(NAMES, unk_token="<pad>"))
    words.pre_tokenizer = WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<pad>")


def filled(model):
    """Random weights that depend on nothing but the parameter's place."""
    with torch.no_grad():
        for i, parameter in enumerate(model.parameters()):
            noise = torch.randn(parameter.shape, generator=generator(100 + i))
            parameter.copy_(0.25 * noise if parameter.dim() > 1 else 1 + 0.1 * noise)
    return model


def policy():
    return filled(LlamaForCausalLM(LlamaConfig(**CONFIG)))


RANDOM = generator(7)


def words(low: int, high: int) -> list[int]:
    length = int(torch.randint(low, high + 1, (1,), generator=RANDOM))
    return torch.randint(2, VOCABULARY, (length,), generator=RANDOM).tolist()


def text(ids: list[int]) -> str:
    return " ".join(f"w{i}" for i in ids)


def arguments(config, **given):
    return config(
        output_dir=tempfile.mkdtemp(), max_steps=STEPS, per_device_train_batch_size=BATCH, learning_rate=1e-2,
        lr_scheduler_type="constant", logging_steps=1, report_to="none", bf16=False, use_cpu=True, save_strategy="no",
        gradient_checkpointing=False, disable_tqdm=True, seed=0, **given,
    )


def followed(base):
    """A trainer that takes rows in order and keeps the loss of every step."""

    class Followed(base):
        def _get_train_sampler(self, dataset=None):
            return SequentialSampler(dataset or self.train_dataset)

        def compute_loss(self, model, inputs, *rest, **more):
            result = super().compute_loss(model, inputs, *rest, **more)
            loss = result[0] if isinstance(result, tuple) else result
            self.followed.append(number(loss.detach()))
            return result

    return Followed


def run(base, model, args, rows: list[dict], **more) -> dict:
    trainer = followed(base)
    trainer.followed = []
    built = trainer(model=model, args=args, train_dataset=Dataset.from_list(rows), processing_class=tokenizer(), **more)
    built.train()
    history = [entry for entry in built.state.log_history if "grad_norm" in entry]
    assert len(trainer.followed) == len(history) == STEPS, (len(trainer.followed), len(history))
    return {"losses": trainer.followed, "gradNorms": [number(entry["grad_norm"]) for entry in history]}


PROMPTS = [words(1, 4) for _ in range(STEPS * BATCH)]
CHOSEN, REJECTED = [words(1, MOST - 1) for _ in PROMPTS], [words(1, MOST - 1) for _ in PROMPTS]
LABELS = [bool(x) for x in torch.randint(2, (len(PROMPTS),), generator=RANDOM).tolist()]
pairs = [{"prompt": text(p), "chosen": " " + text(c), "rejected": " " + text(r)}
         for p, c, r in zip(PROMPTS, CHOSEN, REJECTED)]

found = {}
found["sft"] = run(SFTTrainer, policy(), arguments(SFTConfig, loss_type="nll"),
                   [{"prompt": row["prompt"], "completion": row["chosen"]} for row in pairs])
found["dpo"] = run(DPOTrainer, policy(), arguments(DPOConfig, beta=0.3), pairs, ref_model=policy())
found["kto"] = run(
    KTOTrainer, policy(), arguments(KTOConfig, beta=0.3, undesirable_weight=1.2),
    [{"prompt": row["prompt"], "completion": row["chosen"], "label": y} for row, y in zip(pairs, LABELS)], ref_model=policy(),
)
scorer = filled(LlamaForSequenceClassification(LlamaConfig(**CONFIG, num_labels=1)))
head = scorer.score.weight.detach().clone()
found["reward"] = run(RewardTrainer, scorer, arguments(RewardConfig, center_rewards_coefficient=0.01), pairs)

# steps: half of the words of a solution each, a separator behind each
tagger = filled(LlamaForTokenClassification(LlamaConfig(**CONFIG, num_labels=2)))
tagger_head = {"weight": tagger.score.weight.detach().clone(), "bias": tagger.score.bias.detach().clone()}
STEP_LABELS = [[bool(x) for x in torch.randint(2, (2,), generator=RANDOM).tolist()] for _ in PROMPTS]
SEPARATOR = 2
found["process"] = run(
    PRMTrainer, tagger, arguments(PRMConfig, step_separator=f"w{SEPARATOR}", max_length=None),
    [{"prompt": row["prompt"], "completions": [row["chosen"], row["rejected"]], "labels": labels}
     for row, labels in zip(pairs, STEP_LABELS)],
)

# groups of given completions: what they are is no matter, only that both sides learn from the same
GROUPS = [[words(1, MOST - 1) + [END] if k % 3 else words(MOST, MOST) for k in range(GROUP)] for _ in range(STEPS * BATCH // GROUP)]


def reward(completion_ids, **_):
    return [float(sum(i == 7 or i == 9 for i in ids)) + 0.1 * len(ids) for ids in completion_ids]


def sampled(base):
    """A trainer whose completions are the given ones."""

    class Sampled(base):
        def _generate_single_turn(self, prompt_ids, *_):
            start = self.state.global_step * BATCH // GROUP
            ids = [row for group in GROUPS[start : start + BATCH // GROUP] for row in group]
            return (ids, None) if base is GRPOTrainer else ids

    return Sampled


def grouped(base, config, **given) -> dict:
    rows = [{"prompt": text(PROMPTS[i])} for i in range(len(GROUPS))]
    args = arguments(config, num_generations=GROUP, max_completion_length=MOST, temperature=1.0, shuffle_dataset=False, **given)
    trainer = sampled(base)
    losses = []

    class Followed(trainer):
        def _compute_loss(self, model, inputs):
            loss = super()._compute_loss(model, inputs)
            losses.append(number(loss.detach()))
            return loss

    folder = tempfile.mkdtemp()
    policy().save_pretrained(folder)  # TRL reads the reference from where the policy was loaded
    start = LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    built = Followed(model=start, reward_funcs=reward, args=args, train_dataset=Dataset.from_list(rows),
                     processing_class=tokenizer())
    built.train()
    history = [entry for entry in built.state.log_history if "grad_norm" in entry]
    assert len(losses) == len(history) == STEPS, (len(losses), len(history))
    return {"losses": losses, "gradNorms": [number(e["grad_norm"]) for e in history],
            "rewards": [number(e["reward"]) for e in history]}


found["grpo"] = grouped(GRPOTrainer, GRPOConfig, beta=0.1, loss_type="grpo", use_bias_correction_kl=False)
found["grpoCorrected"] = grouped(GRPOTrainer, GRPOConfig, beta=0.1, loss_type="grpo", use_bias_correction_kl=True)
found["dapo"] = grouped(GRPOTrainer, GRPOConfig, loss_type="dapo", epsilon_high=0.28, beta=0.0)
found["rloo"] = grouped(RLOOTrainer, RLOOConfig, beta=0.05)

model = policy()
write(
    "packages/rlhf/fixtures/trajectories.json",
    {
        "source": "TRL's SFT, DPO, KTO, reward, GRPO and RLOO trainers, float32, AdamW at a constant 1e-2, norm clipped to 1",
        "versions": versions(transformers, trl),
        "config": {"model_type": "llama", **{k: v for k, v in CONFIG.items() if k != "attn_implementation" and v is not None}},
        "parameters": {name: packed(p) for name, p in model.named_parameters()},
        "head": packed(head), "stepHead": packed(tagger_head["weight"]), "stepBias": packed(tagger_head["bias"]),
        "separator": SEPARATOR, "stepLabels": STEP_LABELS,
        "batch": BATCH, "group": GROUP, "most": MOST, "end": END,
        "prompts": PROMPTS, "chosen": CHOSEN, "rejected": REJECTED, "labels": LABELS, "groups": GROUPS,
        **found,
    },
)
