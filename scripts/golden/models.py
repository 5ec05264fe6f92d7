"""packages/lm/fixtures/{gpt2,llama,llama-tied}.json: logits, loss and gradients of tiny models by transformers, float64."""

import torch
from transformers import (
    GemmaConfig, GemmaForCausalLM, GPT2Config, GPT2LMHeadModel, GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig,
    LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM,
)
import transformers

from common import generator, number, numbers, packed, versions, write

VOCABULARY = 24


def golden(path: str, model) -> None:
    """Random weights, one row padded on the left, cross-entropy over real targets."""
    model = model.double().eval()
    with torch.no_grad():
        for i, parameter in enumerate(model.parameters()):
            noise = torch.randn(parameter.shape, generator=generator(i)).double()
            scale = 0.25 if parameter.dim() > 1 else 0.1
            base = torch.ones_like(parameter) if is_scale(parameter, model) else 0.0
            parameter.copy_((base + scale * noise).float().double())
    tokens = torch.randint(VOCABULARY, (3, 9), generator=generator(99))
    mask = torch.ones_like(tokens)
    mask[1, :3] = 0
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    logits = model(input_ids=tokens, attention_mask=additive(mask), position_ids=positions).logits
    # a target counts when it and the token before it are real
    counted = (mask[:, :-1] * mask[:, 1:]).bool()
    logp = logits[:, :-1].log_softmax(-1).gather(2, tokens[:, 1:, None])[..., 0]
    loss = -logp[counted].mean()
    loss.backward()
    names = {id(p): stored_name(n, model) for n, p in model.named_parameters()}
    write(
        path,
        {
            "source": f"{type(model).__name__} of transformers, float64",
            "versions": versions(transformers),
            "config": {k: v for k, v in model.config.to_dict().items() if k in KEPT and v is not None},
            "parameters": {names[id(p)]: packed(p) for p in model.parameters()},
            "tokens": numbers(tokens),
            "mask": numbers(mask.bool()),
            "positions": numbers(positions),
            "logits": packed(logits),
            "loss": number(loss.detach()),
            "gradients": {names[id(p)]: packed(p.grad) for p in model.parameters()},
        },
    )


def stored_name(name: str, model) -> str:
    """The name in checkpoints: transformers 5 renames GPT-NeoX's output embedding in memory only."""
    return "embed_out.weight" if model.config.model_type == "gpt_neox" and name == "lm_head.weight" else name


def additive(mask: torch.Tensor) -> torch.Tensor:
    """Causal and padding mask as a bias [B, 1, T, T]; finite, so that rows of padding do not become NaN."""
    time = mask.shape[1]
    seen = torch.ones(time, time).tril().bool() & mask[:, None, None, :].bool()
    return torch.zeros(seen.shape, dtype=torch.float64).masked_fill(~seen, -1e9)


def is_scale(parameter, model) -> bool:
    name = next(n for n, p in model.named_parameters() if p is parameter)
    return name.endswith("weight") and parameter.dim() == 1


KEPT = {
    "architectures", "model_type", "vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "layer_norm_epsilon",
    "activation_function", "tie_word_embeddings", "hidden_size", "intermediate_size", "num_hidden_layers",
    "num_attention_heads", "num_key_value_heads", "max_position_embeddings", "rms_norm_eps", "attention_bias",
    "mlp_bias", "hidden_act", "head_dim", "sliding_window", "use_sliding_window", "rope_parameters",
    "use_parallel_residual", "layer_norm_eps",
}


SMALL = dict(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
    max_position_embeddings=32, attn_implementation="eager",
)
GROUPED = dict(SMALL, num_key_value_heads=2)


def llama(**options) -> LlamaForCausalLM:
    return LlamaForCausalLM(LlamaConfig(**GROUPED, **options))


golden(
    "packages/lm/fixtures/gpt2.json",
    GPT2LMHeadModel(
        GPT2Config(
            vocab_size=VOCABULARY, n_positions=32, n_embd=16, n_layer=2, n_head=2, resid_pdrop=0, embd_pdrop=0,
            attn_pdrop=0, attn_implementation="eager",
        )
    ),
)
golden("packages/lm/fixtures/llama.json", llama(tie_word_embeddings=False, attention_bias=True, mlp_bias=True))
golden("packages/lm/fixtures/llama-tied.json", llama(tie_word_embeddings=True))
golden(
    "packages/lm/fixtures/llama3-rope.json",
    llama(
        rope_parameters=dict(
            rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=16,
        ),
    ),
)
golden("packages/lm/fixtures/mistral.json", MistralForCausalLM(MistralConfig(**GROUPED, head_dim=6, sliding_window=32)))
golden("packages/lm/fixtures/qwen2.json", Qwen2ForCausalLM(Qwen2Config(**GROUPED, tie_word_embeddings=True)))
golden("packages/lm/fixtures/qwen3.json", Qwen3ForCausalLM(Qwen3Config(**GROUPED, head_dim=8)))
golden(
    "packages/lm/fixtures/gemma.json",
    GemmaForCausalLM(GemmaConfig(**{**SMALL, "num_key_value_heads": 1}, head_dim=8, hidden_act="gelu_pytorch_tanh")),
)
for parallel in (True, False):
    golden(
        f"packages/lm/fixtures/gpt-neox-{'parallel' if parallel else 'sequential'}.json",
        GPTNeoXForCausalLM(
            GPTNeoXConfig(
                **SMALL, use_parallel_residual=parallel, rope_parameters=dict(
                    rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5,
                ),
            )
        ),
    )
