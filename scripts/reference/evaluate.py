"""Training-time estimate of the accuracies, on the canvas of the harness: G = 128, blocks of 32.

The scoring rules are simple stand-ins; the numbers of the model card come from the harness where it can give them.
"""
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import math
import re
import subprocess
import sys

import torch

from decoding import decode_all
from model import Model
from samples import BENCHMARKS, read_pairs
from tokenizer import Tokenizer


def last_boxed(text):
    found = re.findall(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}", text)
    return found[-1] if found else None


def first_group(pattern, text):
    found = re.search(pattern, text)
    return found.group(1) if found else None


def runs(record, body):
    """Whether the completed function passes the record's checks, in a process of its own with a time limit."""
    program = f"{record['prompt']}{body}\n{record['test']}\ncheck({record['entry_point']})\n"
    try:
        done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, timeout=5)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def is_right(benchmark, pair, text):
    """Exact match of the extracted answer; humaneval: same body, or a body that passes the checks."""
    if benchmark == "gsm8k":
        answer = first_group(r"#### (-?\d+)", text)
        return answer is not None and answer == first_group(r"#### (-?\d+)", pair["response"])
    if benchmark == "math":
        answer = last_boxed(text)
        return answer is not None and answer == last_boxed(pair["response"])
    if benchmark == "humaneval":
        return text.rstrip() == pair["response"].rstrip() or runs(pair["record"], text)
    answer = first_group(r"answer is ([A-D])", text)
    return answer is not None and answer == first_group(r"answer is ([A-D])", pair["response"])


def wilson(right, n, z=1.96):
    """95 % interval of a proportion, in per cent."""
    share, square = right / n, z * z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return round(100 * (centre - half), 1), round(100 * (centre + half), 1)


def evaluate(model, tokenizer, folder, count, threshold, benchmarks=BENCHMARKS, show=0):
    """Prints wrong answers (`show` of each benchmark); returns accuracy, interval and passes by benchmark."""
    out = {}
    for benchmark in benchmarks:
        pairs = read_pairs(folder, benchmark, "test")[:count]
        prompts = [tokenizer.chat(pair["prompt"]) for pair in pairs]
        decoded = decode_all(model, prompts, length=128, block=32, threshold=threshold)
        texts = [tokenizer.decode(ids) for ids, _ in decoded]
        hits = [is_right(benchmark, pair, text) for pair, text in zip(pairs, texts)]
        low, high = wilson(sum(hits), len(hits))
        passes = sum(passes for _, passes in decoded) / len(decoded)
        accuracy = round(100 * sum(hits) / len(hits), 1)
        out[benchmark] = dict(n=len(hits), accuracy=accuracy, low=low, high=high, passes=round(passes, 1))
        wrong = [(pair, text) for pair, text, hit in zip(pairs, texts, hits) if not hit]
        for pair, text in wrong[:show]:
            print(f"--- {benchmark}\n{pair['prompt']}\nGOLD {pair['response']}\nSAID {text}")
    out["mean"] = round(sum(out[b]["accuracy"] for b in benchmarks) / len(benchmarks), 1)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="/tmp/train/run/checkpoint.pt")
    parser.add_argument("--tokenizer", default="models/reference/tokenizer.json")
    parser.add_argument("--data", default="/tmp/train")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--threshold", type=float, nargs="*", default=[], help="taus beside vanilla")
    parser.add_argument("--no-vanilla", action="store_true")
    parser.add_argument("--benchmarks", nargs="*", default=list(BENCHMARKS))
    parser.add_argument("--show", type=int, default=0, help="wrong answers to print")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    saved = torch.load(args.checkpoint)
    model = Model(**saved["dims"])
    model.load_state_dict(saved["model"])
    tokenizer = Tokenizer.load(args.tokenizer)
    for threshold in [*([] if args.no_vanilla else [None]), *args.threshold]:
        scores = evaluate(model, tokenizer, args.data, args.count, threshold, args.benchmarks, args.show)
        print(json.dumps(dict(mtok=round(saved["tokens"] / 1e6, 2), threshold=threshold, **scores)), flush=True)


if __name__ == "__main__":
    main()
