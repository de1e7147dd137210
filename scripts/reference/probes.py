"""Skill probes on held-out text: they show within minutes what the loss hides.

A probe is one response position: everything before it is clean, everything from it on is masked ('open'), or only the
position itself is masked ('closed'). The score is the share of argmax predictions that are right.
"""
import random
import re

import torch

from samples import BENCHMARKS, letter_positions, result_positions, verdict_positions
from tokenizer import EOS, MASK


def build_probes(source, test_source, count=24, seed=11):
    """A list of (name, ids, position, target), sorted by length."""
    rng = random.Random(seed)
    tokens = source.tokenizer.tokens
    probes = []

    def add(name, sample, position, closed=False, tail=4):
        full = [*sample.response, *[EOS] * tail]
        shown = [*full[:position], MASK, *full[position + 1 :]] if closed else None
        row = shown or [*full[:position], *[MASK] * (len(full) - position)]
        probes.append((name, [*sample.prompt, *row], len(sample.prompt) + position, full[position]))

    for _ in range(count):
        sample = source.verdict(rng)
        add("drill_letter", sample, letter_positions(source.tokenizer, sample.response)[-1], closed=True)
        sample = source.sum(rng)
        for position in rng.sample(result_positions(source.tokenizer, sample.response), 2):
            add("drill_result", sample, position)
    for name in BENCHMARKS:
        for pair in test_source.pairs[name][:count]:
            sample = source.chat(pair)
            letters = letter_positions(source.tokenizer, sample.response)[-1:]
            for position in letters:
                add(f"{name}_letter", sample, position, closed=True)
                add(f"{name}_letter_open", sample, position)
            verdicts = verdict_positions(source.tokenizer, sample.response)[:-1]
            for position in rng.sample(verdicts, min(2, len(verdicts))):
                add(f"{name}_verdict", sample, position)
            results = result_positions(source.tokenizer, sample.response)
            for position in rng.sample(results, min(2, len(results))):
                add(f"{name}_result", sample, position)
            digits = [
                i for i, token in enumerate(sample.response) if tokens[token].isdigit() and i not in results
            ]
            for position in rng.sample(digits, min(2, len(digits))):
                add(f"{name}_digit", sample, position)
            words = [i for i, token in enumerate(sample.response) if re.fullmatch("Ġ?[A-Za-z]+", tokens[token])]
            words = [i for i in words if i > 0 and i not in letters and i not in verdicts]
            for position in rng.sample(words, min(2, len(words))):
                add(f"{name}_word", sample, position)
    return sorted(probes, key=lambda probe: len(probe[1]))


@torch.no_grad()
def run_probes(model, probes, rows=24):
    """Per cent right by probe name."""
    right = {}
    for start in range(0, len(probes), rows):
        part = probes[start : start + rows]
        length = max(len(ids) for _, ids, _, _ in part)
        ids = torch.tensor([[*ids, *[MASK] * (length - len(ids))] for _, ids, _, _ in part])
        at = torch.tensor([position - model.shift for _, _, position, _ in part])
        best = model.logits(model.hidden(ids)[torch.arange(len(part)), at]).argmax(-1).tolist()
        for (name, _, _, target), guess in zip(part, best):
            right.setdefault(name, []).append(guess == target)
    return {name: round(100 * sum(hits) / len(hits)) for name, hits in sorted(right.items())}
