"""packages/lm/fixtures/{gguf-blocks.json,tiny-llama.gguf,tiny-llama-gguf.json}: stored blocks decoded by gguf-py; a tiny model in a GGUF file."""

import base64

import gguf
import numpy as np
import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM

from common import ROOT, numbers, packed, versions, write

TYPES = ["F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"]
HALVES = {"Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,), "Q4_0": (0,), "Q4_1": (0, 2),
          "Q5_0": (0,), "Q5_1": (0, 2), "Q8_0": (0,)}


def random_blocks(name: str) -> np.ndarray:
    """Three blocks of random bytes whose half-precision factors are ordinary numbers."""
    values, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    rng = np.random.default_rng(len(name) + size)
    if name in ("F16", "BF16"):
        halves = rng.normal(size=96).astype(np.float16 if name == "F16" else np.float32)
        raw = halves.view(np.uint8) if name == "F16" else (halves.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
        return raw.reshape(1, -1)
    blocks = rng.integers(0, 256, size=(3, size), dtype=np.uint8)
    for at in HALVES[name]:
        blocks[:, at : at + 2] = rng.normal(size=3).astype(np.float16).view(np.uint8).reshape(3, 2)
    return blocks.reshape(1, -1)


def block_case(name: str) -> dict:
    kind = gguf.GGMLQuantizationType[name]
    raw = random_blocks(name)
    return {
        "type": int(kind),
        "name": name,
        "bytes": base64.b64encode(raw.tobytes()).decode("ascii"),
        "values": packed(torch.from_numpy(np.array(gguf.quants.dequantize(raw, kind))).reshape(-1)),
    }


write(
    "packages/lm/fixtures/gguf-blocks.json",
    {"source": "gguf.quants.dequantize", "versions": {"gguf": "0.19.0"}, "cases": [block_case(name) for name in TYPES]},
)


def permuted(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows of queries and keys as llama.cpp's converter orders them: the pairs that rotate lie side by side."""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def tiny_llama() -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=271, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=True, rms_norm_eps=1e-5,
        attn_implementation="eager",
    )
    torch.manual_seed(5)
    model = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            scale = 0.25 if parameter.dim() > 1 else 0.1
            parameter.copy_((1.0 if parameter.dim() == 1 else 0.0) + scale * torch.randn(parameter.shape))
    return model


def byte_tokens() -> list[str]:
    """The 256 visible characters of byte-level BPE, in the order of the bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in shown]
    table = {b: chr(b) for b in shown} | {b: chr(256 + i) for i, b in enumerate(hidden)}
    return [table[b] for b in range(256)]


MERGES = ["t h", "th e", "Ġ a", "i n", "e r", "Ġ the", "in g", "a n", "an d", "o u", "1 2"]
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<pad>"]


def write_gguf(model: LlamaForCausalLM) -> None:
    path = ROOT / "packages/lm/fixtures/tiny-llama.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    config = model.config
    writer.add_name("tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config.vocab_size)
    tokens = SPECIAL + byte_tokens() + [m.replace(" ", "") for m in MERGES]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * len(SPECIAL) + [1] * (len(tokens) - len(SPECIAL)))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(3)
    writer.add_chat_template("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}")
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    kinds = {"ffn_up": "Q4_1", "ffn_gate": "Q8_0", "ffn_down": "Q5_0", "attn_q": "Q4_0", "attn_k": "F16"}
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight":
            continue
        data = tensor.numpy()
        if "q_proj" in name:
            data = permuted(data, config.num_attention_heads)
        if "k_proj" in name:
            data = permuted(data, config.num_key_value_heads)
        stored = names.get_name(name, try_suffixes=(".weight", ".bias"))
        kind = next((gguf.GGMLQuantizationType[k] for part, k in kinds.items() if f".{part}." in stored), None)
        if kind is None:
            writer.add_tensor(stored, np.ascontiguousarray(data))
        else:
            writer.add_tensor(stored, gguf.quants.quantize(np.ascontiguousarray(data), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


write_gguf(tiny_llama())
FOLDER = ROOT / "packages/lm/fixtures"
model = LlamaForCausalLM.from_pretrained(FOLDER, gguf_file="tiny-llama.gguf", attn_implementation="eager").double().eval()
tokens = torch.randint(271, (2, 7), generator=torch.Generator().manual_seed(1))
with torch.no_grad():
    logits = model(input_ids=tokens).logits
write(
    "packages/lm/fixtures/tiny-llama-gguf.json",
    {
        "source": "LlamaForCausalLM.from_pretrained(gguf_file=…), float64",
        "versions": versions(transformers),
        "tokens": numbers(tokens),
        "logits": packed(logits),
    },
)
