"""Writes the model card from its template in cards/, the log of the run and the evaluation."""
import argparse
import hashlib
import json
from pathlib import Path

from samples import BENCHMARKS

# The same facts by the names of the two config.json.
KEYS = dict(
    llada=dict(
        width="d_model",
        layers="n_layers",
        heads="n_heads",
        kv_heads="n_kv_heads",
        hidden="mlp_hidden_size",
        max_length="max_sequence_length",
    ),
    Dream=dict(
        width="hidden_size",
        layers="num_hidden_layers",
        heads="num_attention_heads",
        kv_heads="num_key_value_heads",
        hidden="intermediate_size",
        max_length="max_position_embeddings",
    ),
)


def accuracy_table(path):
    rows = [json.loads(line) for line in Path(path).read_text().splitlines() if line.startswith("{")]
    lines = ["| decoding | " + " | ".join(BENCHMARKS) + " | mean | passes |", "| --- " * (len(BENCHMARKS) + 3) + "|"]
    for row in rows:
        name = "one token a step" if row["threshold"] is None else f"threshold {row['threshold']}"
        cells = [f"{row[b]['accuracy']} ({row[b]['low']}-{row[b]['high']})" for b in BENCHMARKS]
        passes = sum(row[b]["passes"] for b in BENCHMARKS) / len(BENCHMARKS)
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {row['mean']} | {passes:.1f} |")
    counts = sorted({row[b]["n"] for row in rows for b in BENCHMARKS})
    return "\n".join(lines) + f"\n\nn = {', '.join(map(str, counts))} records a cell.\n"


def curve_table(path, rows=14):
    names = ["gsm8k_digit", "gsm8k_word", "gsm8k_result", "math_result", "mmlu_verdict", "mmlu_letter", "gpqa_verdict"]
    log = [json.loads(line) for line in Path(path).read_text().splitlines()]
    last = log[-1]["mtok"]
    chosen = [min(log, key=lambda line: abs(line["mtok"] - last * k / rows)) for k in range(rows + 1)]
    lines = ["| Mtok | loss | " + " | ".join(names) + " |", "| --- " * (len(names) + 2) + "|"]
    for line in chosen:
        cells = [str(line["probes"].get(name, "")) for name in names]
        lines.append(f"| {line['mtok']:.1f} | {line['loss'] or ''} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="/tmp/train/run", help="folder of log.jsonl and evaluation.jsonl")
    parser.add_argument("--model", default="models/reference")
    args = parser.parse_args()
    config = json.loads((Path(args.model) / "config.json").read_text())
    weights = (Path(args.model) / "model.safetensors").read_bytes()
    last = json.loads((Path(args.run) / "log.jsonl").read_text().splitlines()[-1])
    family = config["model_type"]
    template = Path(__file__).parent / "cards" / f"{family.lower()}.md"
    card = template.read_text(encoding="utf-8").format(
        parameters=len(weights) / 4e6,
        vocab=config["vocab_size"],
        theta=config["rope_theta"],
        bytes=len(weights),
        sha256=hashlib.sha256(weights).hexdigest(),
        mtok=last["mtok"],
        steps=last["step"],
        accuracy=accuracy_table(Path(args.run) / "evaluation.jsonl"),
        curve=curve_table(Path(args.run) / "log.jsonl"),
        **{name: config[key] for name, key in KEYS[family].items()},
    )
    (Path(args.model) / "README.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    main()
