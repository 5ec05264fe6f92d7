#!/usr/bin/env bash
# Makes the Python environment that `npm run bench` compares with, in bench/peers/.venv. Where the registry's torch is built for
# GPUs, PIP_EXTRA_INDEX_URL can name one that has the smaller build for processors; both compute the same here.
set -euo pipefail
cd "$(dirname "$0")"
python3 -m venv .venv
.venv/bin/pip install --quiet --upgrade pip
.venv/bin/pip install --quiet -r requirements.txt
echo "bench/peers/.venv is ready"
