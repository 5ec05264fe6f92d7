"""packages/feedback/fixtures/trl.json: our exports (fixtures/trl/*.jsonl) as `datasets` reads them, and a step of TRL's trainers on each."""

import json
import os
import tempfile

os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

import datasets
import transformers
import trl
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForTokenClassification, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer
from trl.data_utils import is_conversational
from trl.experimental.prm import PRMConfig, PRMTrainer

from common import ROOT, number, torch, versions, write

torch.set_num_threads(1)
TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
TRAINERS = {
    "preference": (DPOTrainer, DPOConfig),
    "unpaired": (KTOTrainer, KTOConfig),
    "prompt-completion": (SFTTrainer, SFTConfig),
    "language-modeling": (SFTTrainer, SFTConfig),
    "prompt-only": (GRPOTrainer, GRPOConfig),
    "stepwise": (PRMTrainer, PRMConfig),
}


def model(tokenizer, cls=LlamaForCausalLM):
    torch.manual_seed(0)
    return cls(LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=256, tie_word_embeddings=True, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, num_labels=2,
    ))


def extra(kind, tokenizer):
    """What a trainer wants beside model, data and tokenizer; and its configuration's."""
    if kind in ("preference", "unpaired"):
        return {"ref_model": model(tokenizer)}, {}
    if kind == "prompt-only":
        length = lambda completions, **_: [float(len(c if isinstance(c, str) else c[0]["content"])) for c in completions]
        return {"reward_funcs": length}, {"num_generations": 2, "max_completion_length": 8}
    return {}, {}


found = {}
folder = ROOT / "packages/feedback/fixtures/trl"
for path in sorted(folder.glob("*.jsonl")):
    kind = path.stem.rsplit("-", 1)[0]
    cache = tempfile.mkdtemp()
    loaded = datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=cache)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert loaded.to_list() == rows, path
    tokenizer = PreTrainedTokenizerFast.from_pretrained(ROOT / "models/sotu-4m")
    tokenizer.chat_template = TEMPLATE
    trainer_class, config = TRAINERS[kind]
    more, settings = extra(kind, tokenizer)
    trainer = trainer_class(
        model=model(tokenizer, LlamaForTokenClassification if kind == "stepwise" else LlamaForCausalLM),
        train_dataset=loaded, processing_class=tokenizer, **more,
        args=config(
            output_dir=tempfile.mkdtemp(), max_steps=1, per_device_train_batch_size=2, report_to="none", bf16=False, use_cpu=True,
            save_strategy="no", gradient_checkpointing=False, disable_tqdm=True, seed=0, logging_steps=1,
            **settings,
        ),
    )
    loss = trainer.train().training_loss
    # the first loss of GRPO is zero: its ratios are one, and a group's advantages sum to nothing
    assert loss == loss and (loss > 0 or kind == "prompt-only"), (path, loss)
    found[path.stem] = {
        "columns": {name: str(feature) for name, feature in loaded.features.items()},
        "conversational": bool(is_conversational(loaded[0])),
        "rows": loaded.to_list(),
        "loss": number(loss),
    }
write("packages/feedback/fixtures/trl.json", {"versions": versions(datasets, transformers, trl), **found})
