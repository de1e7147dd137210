"""Checks the PyTorch programs against traces of the official implementations: tokens, their order, the passes, and
how many rows each partial update of released Dynamic-dLLM computes.

    /usr/bin/python3 scripts/peers/verify.py ../shared/conformance/public
"""
import argparse
import collections
import glob
import json
import os
import sys

import torch

from torch_peers.checkpoint import load_model
from torch_peers.methods import run
from torch_peers.passes import Passes


def fast_dllm_parts(policy):
    def parts(p):
        return {"policy": policy}, {"rule": "model"} if p["threshold"] is None else {"rule": "threshold", "tau": p["threshold"]}

    return parts


def dllm_cache_parts(p):
    cache = dict(policy="dllm-cache", promptInterval=p["prompt_interval"], responseInterval=p["gen_interval"])
    return dict(cache, updateRatio=p["transfer_ratio"]), {"rule": "model"}


def released_cache(p):
    if p.get("use_cache") is False:
        return {"policy": "none"}
    cache = dict(policy="dcu-released", promptInterval=p["prompt_interval"], responseInterval=p["gen_interval"])
    return dict(cache, windowSize=p["window_size"], layerBudget=p["layer_budget"], selectFrom=p["select_from"])


def pd_parts(p):
    rule = dict(rule="apd-released", mode=p["pd_mode"], tau0=p["pd_threshold"], alpha=p["alpha"], beta=p["beta"])
    return released_cache(p), rule


def paper_parts(p):
    dcu, apd = p.get("dcu"), p.get("apd")
    cache = {"policy": "none"}
    if dcu:
        cache = dict(policy="dcu", auto=False, layerBudget=dcu["layer_budget"], windowSize=dcu["window"])
    rule = {"rule": "quota"}
    if apd:
        rule = dict(rule="apd", tau0=apd["tau"], alpha=apd["alpha"], beta=apd["beta"])
    return cache, rule


# From the recorded methods and parameters to the options of `repro`.
PARTS = {
    "llada.vanilla": lambda p: ({"policy": "none"}, {"rule": "model"}),
    "fastdllm.llada.nocache": fast_dllm_parts("none"),
    "fastdllm.llada.dual": fast_dllm_parts("dual"),
    "dllmcache.llada": dllm_cache_parts,
    "dynamicdllm.released.generate": lambda p: (released_cache(p), {"rule": "model"}),
    "dynamicdllm.released.pd": pd_parts,
    "dynamicdllm.paper-reading": paper_parts,
}


def left_out(vector):
    """Why a vector of these methods is not run, or None."""
    p = vector["params"]
    if "dream" in vector["model"]:
        return "a Dream model"
    if p.get("cfg_scale", 0) > 0:
        return "guidance"
    return "another reading of the paper" if p.get("reading") else None


def difference(vector, model):
    """The first difference between a record and this program's run of it, or None."""
    p, prompt = vector["params"], vector["prompt_ids"]
    cache, unmask = PARTS[vector["method"]](p)
    generation = dict(genLength=p["gen_length"], blockLength=p["block_length"], steps=p["steps"])
    passes = Passes()
    passes.watched = True
    x = run(model, prompt, cache, unmask, generation, passes)
    steps = passes.committed(len(prompt), model.mask_id)
    recorded = {step["step"]: step["unmasked"] for step in vector["steps"]}
    for number, unmasked in enumerate(steps):
        if unmasked != recorded.get(number):
            return f"pass {number} revealed {unmasked}, recorded {recorded.get(number)}"
    if len(steps) != vector["nfe"]:
        return f"{len(steps)} passes, recorded {vector['nfe']}"
    for recorded in vector.get("extra", {}).get("selected", []):
        number, layer, entries, distinct = recorded
        own = [rows for (n, index, rows, _, _) in passes.cache.selected if (n, index) == (number, layer)]
        if [(len(rows), len(rows.unique())) for rows in own] != [(entries, distinct)]:
            return f"pass {number - 1} layer {layer} selected {own}, recorded {entries} entries, {distinct} rows"
    return None if x[0].tolist() == vector["final_ids"] else "other final tokens"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vectors", help="folder of the recorded traces; their models lie in ../models")
    args = parser.parse_args()
    torch.set_num_threads(1)
    models = {}
    passed, failed, skipped = (collections.Counter() for _ in range(3))
    for path in sorted(glob.glob(os.path.join(args.vectors, "*.json"))):
        with open(path) as file:
            vector = json.load(file)
        if vector.get("method") not in PARTS or "steps" not in vector:
            continue
        method = vector["method"]
        reason = left_out(vector)
        if reason:
            skipped[method, reason] += 1
            continue
        name = vector["model"]
        if name not in models:
            models[name] = load_model(os.path.join(args.vectors, "..", "models", name))
        problem = difference(vector, models[name])
        if problem is None:
            passed[method] += 1
        else:
            failed[method] += 1
            print(f"{vector['id']}: {problem}")
    for method in PARTS:
        reasons = ", ".join(f"{n} left out ({why})" for (of, why), n in skipped.items() if of == method)
        print(f"{method}: {passed[method]} passed, {failed[method]} failed" + (f", {reasons}" if reasons else ""))
    print(f"{sum(passed.values())} passed, {sum(failed.values())} failed, {sum(skipped.values())} left out")
    if not passed:
        sys.exit(f"{args.vectors} holds no recorded trace of these methods.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
