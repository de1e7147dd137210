#!/bin/sh
# Tokenizer -> data -> training -> evaluation -> export, from the root of the checkout. Run it again to resume.
# WORK holds what is not part of the repository: training text, checkpoint, log.
set -eu
WORK=${WORK:-/tmp/repro-train}
PYTHON=${PYTHON:-/usr/bin/python3}
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
cd "$(dirname "$0")/../.."
mkdir -p "$WORK"

[ -e "$WORK/humaneval.train.jsonl" ] || npx tsx scripts/mini/generate.ts --train "$WORK" --count 30000
[ -e "$WORK/tokenizer.json" ] || "$PYTHON" scripts/reference/tokenizer.py --data "$WORK" --out "$WORK"
nice -n 5 "$PYTHON" scripts/reference/train.py --data "$WORK" --tokenizer "$WORK/tokenizer.json" --out "$WORK/run" "$@"
"$PYTHON" scripts/reference/evaluate.py --data "$WORK" --checkpoint "$WORK/run/checkpoint.pt" --count 250 \
  --threshold 0.9 0.5 | tee "$WORK/run/evaluation.jsonl"
cp "$WORK/tokenizer.json" "$WORK/tokenizer_config.json" models/reference/
"$PYTHON" scripts/reference/export.py --checkpoint "$WORK/run/checkpoint.pt" --out models/reference
"$PYTHON" scripts/reference/card.py --run "$WORK/run" --model models/reference
