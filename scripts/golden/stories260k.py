"""packages/lm/fixtures/stories260k.json: a real Llama checkpoint under transformers in float64."""

import torch
import transformers
from transformers import AutoTokenizer, LlamaForCausalLM

from common import arguments, number, packed, versions, write

PROMPTS = ["Once upon a time", "Lily and Tom went to the park. They saw a big", "The dog said: \"I'm sorry!\"", "Naïve café 3"]

folder = arguments(__doc__, model="folder of stories260K").model
tokenizer = AutoTokenizer.from_pretrained(folder)
model = LlamaForCausalLM.from_pretrained(folder).double().eval()
prompts = []
for text in PROMPTS:
    ids = tokenizer(text)["input_ids"]
    tokens = torch.tensor([ids])
    with torch.no_grad():
        logits = model(tokens).logits[0]
        continuation = model.generate(tokens, do_sample=False, max_new_tokens=40)[0, len(ids):]
    nll = -logits[:-1].log_softmax(-1).gather(1, tokens[0, 1:, None])[:, 0]
    prompts.append(
        {
            "text": text,
            "ids": ids,
            "negativeLogProbs": [number(x) for x in nll],
            "lastLogits": packed(logits[-1]),
            "greedy": continuation.tolist(),
        }
    )
write(
    "packages/lm/fixtures/stories260k.json",
    {"source": "LlamaForCausalLM, float64", "versions": versions(transformers), "prompts": prompts},
)
