#!/usr/bin/env bash
# Makes the Python environment with `imitation` that `npm run bench -- --only preferences` compares with, outside the repository:
#   usage: bench/peers/setup-imitation.sh [folder]     (by default ~/.cache/attune/imitation; another one is named by ATTUNE_IMITATION)
# It is apart from bench/peers/.venv because imitation 1.0.1 needs gymnasium 0.29 and NumPy 1.
set -euo pipefail
cd "$(dirname "$0")"
folder="${1:-${ATTUNE_IMITATION:-$HOME/.cache/attune/imitation}}"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --upgrade pip
"$folder/bin/pip" install --quiet -r requirements-imitation.txt
"$folder/bin/python" -c 'import imitation, stable_baselines3, torch; print("imitation is ready, torch", torch.__version__)'
