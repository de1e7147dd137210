"""Records the ids that tokenizer.py gives to some prompts and answers, for the comparison in test/mini."""
import argparse
import json
from pathlib import Path

from samples import BENCHMARKS, read_pairs
from tokenizer import Tokenizer

EXTRA = ["  two  blanks", "tab\tand\nlines\n\n\n", "don't we'll 12.5%", "x==y != z_1", "$\\frac{10}{3}$", "1234567890", "  \n"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="/tmp/train")
    parser.add_argument("--tokenizer", default="models/reference/tokenizer.json")
    parser.add_argument("--out", default="test/fixtures/mini/tokenizer-ids.json")
    args = parser.parse_args()
    tokenizer = Tokenizer.load(args.tokenizer)
    texts, chats = list(EXTRA), []
    for benchmark in BENCHMARKS:
        for pair in read_pairs(args.data, benchmark, "test")[:6]:
            texts += [pair["prompt"], pair["response"]]
            chats.append(pair["prompt"])
    document = dict(
        texts=[dict(text=text, ids=tokenizer.encode(text)) for text in texts],
        chats=[dict(prompt=prompt, ids=tokenizer.chat(prompt)) for prompt in chats],
    )
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    Path(args.out).write_text(json.dumps(document) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
