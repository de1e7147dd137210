#!/bin/sh
# Tokenizer -> data -> training -> evaluation -> export, from the root of the checkout. Run it again to resume.
# MODEL is the checkpoint to make: reference (LLaDA, from scratch) or reference-dream (started from it).
# WORK holds what is not part of the repository: training text, checkpoints, logs.
set -eu
MODEL=${MODEL:-reference}
WORK=${WORK:-/tmp/repro-train}
PYTHON=${PYTHON:-/usr/bin/python3}
RUN="$WORK/$MODEL"
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
cd "$(dirname "$0")/../.."
mkdir -p "$WORK" "models/$MODEL"

[ -e "$WORK/humaneval.train.jsonl" ] || npx tsx scripts/mini/generate.ts --train "$WORK" --count 30000
case "$MODEL" in
  reference)
    [ -e "$WORK/tokenizer.json" ] || "$PYTHON" scripts/reference/tokenizer.py --data "$WORK" --out "$WORK"
    cp "$WORK/tokenizer.json" "$WORK/tokenizer_config.json" "models/$MODEL/"
    ;;
  reference-dream)
    cp models/reference/tokenizer.json models/reference/tokenizer_config.json "models/$MODEL/"
    set -- --family dream --warm models/reference --stage 1 --total-mtok 12 --decay-mtok 9 "$@"
    ;;
  *)
    echo "MODEL=$MODEL: must be reference or reference-dream" >&2
    exit 2
    ;;
esac
nice -n 5 "$PYTHON" scripts/reference/train.py --data "$WORK" --tokenizer "models/$MODEL/tokenizer.json" --out "$RUN" "$@"
"$PYTHON" scripts/reference/evaluate.py --data "$WORK" --tokenizer "models/$MODEL/tokenizer.json" \
  --checkpoint "$RUN/checkpoint.pt" --count 250 --threshold 0.9 0.5 | tee "$RUN/evaluation.jsonl"
"$PYTHON" scripts/reference/export.py --checkpoint "$RUN/checkpoint.pt" --out "models/$MODEL"
"$PYTHON" scripts/reference/card.py --run "$RUN" --model "models/$MODEL"
