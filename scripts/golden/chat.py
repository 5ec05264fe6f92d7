"""Renderings and assistant masks of chat templates by transformers."""


import jinja2
import transformers
from common import ROOT, write
from transformers import PreTrainedTokenizerFast
from transformers.utils.chat_template_utils import render_jinja_template

# Five families' conventions, each in words of our own.
CHATML = """{%- if messages[0]['role'] != 'system' -%}
    {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' -}}
{%- endif -%}
{%- for message in messages %}
    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

LLAMA3 = """{{ bos_token }}
{%- for message in messages %}
{{- '<|start_header_id|>' ~ message.role ~ '<|end_header_id|>\\n\\n' ~ (message.content | trim) ~ '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"""

ZEPHYR = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""

MISTRAL = """{{- bos_token }}
{%- set turns = messages if messages[0].role != 'system' else messages[1:] %}
{%- for message in turns %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('roles must alternate user/assistant/user/assistant/...') }}
    {%- endif %}
    {%- if message['role'] == 'user' %}
        {%- if loop.first and messages[0].role == 'system' %}
            {{- '[INST] ' + messages[0]['content'] + '\\n\\n' + message['content'] + ' [/INST]' }}
        {%- else %}
            {{- '[INST] ' + message['content'] + ' [/INST]' }}
        {%- endif %}
    {%- else %}
        {{- ' ' + message['content'] + eos_token }}
    {%- endif %}
{%- endfor %}"""

GEMMA = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('there is no system role') }}{% endif %}
{% for message in messages %}
{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}
{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}
{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"""

MARKED = """{%- for message in messages %}
    {%- if message['role'] == 'assistant' %}
        {{- '<|assistant|>\\n' }}
        {% generation %}
        {{ message['content'] + eos_token }}
        {% endgeneration %}
    {%- else %}
        {{- '<|' ~ message['role'] ~ '|>\\n' ~ message['content'] ~ eos_token }}
    {%- endif %}
    {{- '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|>\\n' }}{% endif -%}"""

MARKED_TIGHT = """{% for message in messages %}{{ message.role ~ ': ' }}
  {%- if message.role == 'assistant' -%}
  {%- generation -%}
    {{ message.content }}{{ eos_token }}
  {%- endgeneration -%}
  {% else %}{{ message.content }}{% endif %}
 | {% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"""

TOOLS = """{% if tools %}{{ 'tools: ' ~ (tools | tojson) ~ '\\n' }}{% endif %}
{% for message in messages %}{{ message.role }}: {{ message.content if message.content is string else message.tool_calls | tojson(indent=2) }}
{% endfor %}"""

LIKE_LLAMA = {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}
LIKE_MISTRAL = {"bos_token": "<s>", "eos_token": "</s>"}
TEMPLATES = {
    "chatml": (CHATML, {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}),
    "llama-3": (LLAMA3, LIKE_LLAMA),
    "zephyr": (ZEPHYR, LIKE_MISTRAL),
    "mistral": (MISTRAL, LIKE_MISTRAL),
    "gemma": (GEMMA, {"bos_token": "<bos>", "eos_token": "<eos>"}),
    "marked": (MARKED, {"eos_token": "<|endoftext|>"}),
    "marked-tight": (MARKED_TIGHT, {"eos_token": "<|endoftext|>"}),
    "tools": (TOOLS, {}),
}

TURNS = [
    {"role": "user", "content": "What is two and two?"},
    {"role": "assistant", "content": "Four, naïvely.\n\n日本語 😀"},
    {"role": "user", "content": "  And <three>?  "},
    {"role": "assistant", "content": "Five & \"more\""},
]
SYSTEM = {"role": "system", "content": "Be brief."}
CONVERSATIONS = [TURNS, TURNS[:1], TURNS[:3], [SYSTEM, *TURNS[:2]]]
TOOL = {"type": "function", "function": {"name": "weather", "description": "Météo", "parameters": {"days": [1, 2.5, None, True]}}}


def cases(name, source, specials):
    for messages in CONVERSATIONS:
        for prompt in (False, True):
            tools = [TOOL] if name == "tools" else None
            case = {"messages": messages, "addGenerationPrompt": prompt, **({"tools": tools} if tools else {})}
            marked = "generation %}" in source or "generation -%}" in source
            try:
                texts, spans = render_jinja_template(
                    conversations=[messages], tools=tools, chat_template=source, add_generation_prompt=prompt,
                    return_assistant_tokens_mask=marked, **specials)
                # Python counts code points, JavaScript UTF-16 units
                units = lambda count: len(texts[0][:count].encode("utf-16-le")) // 2
                yield {**case, "text": texts[0], **({"generated": [[units(a), units(b)] for a, b in spans[0]]} if marked else {})}
            except jinja2.exceptions.TemplateError as error:
                yield {**case, "error": str(error)}


def masks():
    """Ids and assistant masks under the tokenizer of models/sotu-4m."""
    source = ROOT / "models/sotu-4m"
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(source / "tokenizer.json"), eos_token="<|endoftext|>", pad_token="<|pad|>")
    for name in ("marked", "marked-tight"):
        for messages in (TURNS, [SYSTEM, *TURNS[:2]]):
            out = tokenizer.apply_chat_template(
                messages, chat_template=TEMPLATES[name][0], return_assistant_tokens_mask=True, return_dict=True)
            yield {"template": name, "messages": messages, "ids": out["input_ids"], "mask": out["assistant_masks"]}


write("packages/lm/fixtures/chat.json", {
    "versions": {"transformers": transformers.__version__, "jinja2": jinja2.__version__},
    "templates": [
        {"name": name, "source": source, "specials": specials, "cases": list(cases(name, source, specials))}
        for name, (source, specials) in TEMPLATES.items()
    ],
    "masks": list(masks()),
}, 4)
