"""Decodes on request: one JSON object a line in, one a line out, so that a measurement can hold the model loaded.

A request `{prompt, cache, unmask, generation, passes}` (options as in repro's configs; `passes` null = to the end) is
answered by `{steps, passMs, tokens}`: what each pass revealed, how long it took, and the canvas after the last one;
with `margins`, by how near the choice of the last pass was. The clock runs over the denoising loop alone. A first line tells that the model is there, and what computes.
"""
import argparse
import json
import os
import sys

import torch

from .checkpoint import load_model
from .methods import run
from .passes import Enough, Passes


def decode(model, request):
    passes = Passes(request["passes"])
    passes.watched = request.get("margins", False)
    prompt = request["prompt"]
    try:
        run(model, prompt, request["cache"], request["unmask"], request["generation"], passes)
    except Enough:
        pass
    if passes.watched:
        return margins(*passes.seen, [] if passes.cache is None else passes.cache.selected)
    return {
        "steps": passes.committed(len(prompt), model.mask_id),
        "passMs": passes.milliseconds(),
        "tokens": passes.canvases[-1].tolist(),
    }


def margins(first, confidence, logits, selected):
    """How near the choices were. Of the rows that the last pass could reveal: position, confidence, and the gap of the
    two best logits; of each partial update: the rows that were computed, and the distances that they were chosen by.
    """
    rows = (confidence >= 0).nonzero().view(-1)
    best = torch.topk(logits[rows], 2, -1).values
    return {
        "positions": (rows + first).tolist(),
        "confidences": confidence[rows].tolist(),
        "gaps": (best[:, 0] - best[:, 1]).tolist(),
        "chosen": [
            dict(step=number - 1, layer=layer, rows=rows.unique().tolist(), first=first, distances=distance.tolist())
            for number, layer, rows, first, distance in selected
        ],
    }


def blas():
    """The file of the BLAS that this process has loaded."""
    with open("/proc/self/maps") as maps:
        files = {line.split()[-1] for line in maps if "blas" in line}
    return sorted({os.path.basename(name) for name in files})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = load_model(args.checkpoint)
    answer({"torch": torch.__version__, "threads": torch.get_num_threads(), "blas": blas()})
    for line in sys.stdin:
        answer(decode(model, json.loads(line)))


def answer(message):
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
