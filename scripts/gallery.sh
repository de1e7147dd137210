#!/usr/bin/env bash
# Makes the pictures of docs/gallery anew, on the reference model: about nine minutes on two idle cores. Run it from the
# root of a checkout after "npm ci"; the words of docs/gallery.md are written by hand.
set -euo pipefail
cd "$(dirname "$0")/.."
runs="$(mktemp -d)"
trap 'rm -rf "$runs"' EXIT

npx repro table1 --traces 1 --out "$runs/table1"
npx repro report "$runs/table1" --figures "$runs/table1-figures"
npx repro figure2 --benchmarks gsm8k --out "$runs/figure2"
npx repro figure4 --out "$runs/figure4"
npx repro figure5 --benchmarks gsm8k --out "$runs/figure5"
npx repro figure7 --benchmarks gsm8k --out "$runs/figure7"
npx repro apd-drift --out "$runs/apd-drift"

mkdir -p docs/gallery
rm -f docs/gallery/*.svg
cp "$runs/table1-figures/figure1.svg" "$runs/table1-figures/speed-accuracy.svg" docs/gallery/
cp "$runs"/figure2/figure2e.svg "$runs"/figure4/figure4.svg "$runs"/figure5/figure5-gsm8k.svg docs/gallery/
cp "$runs"/figure7/figure7-gsm8k.svg docs/gallery/
cp "$runs"/apd-drift/tau.svg docs/gallery/
ls -la docs/gallery
