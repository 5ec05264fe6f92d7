"""packages/lm/fixtures/peft: tiny Llama and GPT-2 bases, adapters that PEFT saved over them, and the logits they make."""

import json

import peft
import transformers
from peft import LoraConfig, get_peft_model
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

from common import ROOT, numbers, torch, versions, write

FOLDER = ROOT / "packages/lm/fixtures/peft"
LLAMA = dict(vocab_size=24, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=32, rms_norm_eps=1e-5, pad_token_id=0)
GPT2 = dict(vocab_size=24, n_embd=16, n_layer=2, n_head=2, n_positions=32, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)
tokens = torch.tensor([[3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5, 8, 9, 7, 9, 3]])


def randomised(model, seed: int):
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((1.0 if parameter.dim() == 1 else 0.0) + 0.25 * torch.randn(parameter.shape))
    return model.eval()


def case(name: str, base, config: LoraConfig) -> dict:
    randomised(base, 1).save_pretrained(FOLDER / name / "base", safe_serialization=True)
    adapted = get_peft_model(base, config)
    torch.manual_seed(2)
    with torch.no_grad():
        for key, parameter in adapted.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(0.3 * torch.randn(parameter.shape))
        logits = adapted.eval()(tokens).logits
    adapted.save_pretrained(FOLDER / name / "adapter", safe_serialization=True)
    for extra in ["base/generation_config.json", "adapter/README.md"]:
        (FOLDER / name / extra).unlink(missing_ok=True)
    where = FOLDER / name / "adapter" / "adapter_config.json"
    own = json.loads(where.read_text())
    where.write_text(json.dumps({**own, "base_model_name_or_path": "base"}, indent=2) + "\n")
    return {"name": name, "logits": numbers(logits)}


causal = dict(task_type="CAUSAL_LM", r=4, lora_alpha=8)
cases = [
    case("llama", LlamaForCausalLM(LlamaConfig(**LLAMA)), LoraConfig(**causal, target_modules="all-linear")),
    case("llama-rslora", LlamaForCausalLM(LlamaConfig(**LLAMA)), LoraConfig(**causal, use_rslora=True, target_modules=["q_proj", "v_proj"])),
    case("gpt2", GPT2LMHeadModel(GPT2Config(**GPT2)), LoraConfig(**causal, target_modules=["c_attn", "c_proj"], fan_in_fan_out=True)),
    case("reward", LlamaForSequenceClassification(LlamaConfig(**LLAMA, num_labels=1)), LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=8, target_modules="all-linear")),
]
write("packages/lm/fixtures/peft.json", {"source": "PEFT over transformers, float32", "versions": versions(transformers, peft), "tokens": numbers(tokens.to(torch.int32)), "cases": cases})
