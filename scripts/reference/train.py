"""Trains the reference model from scratch on CPU: single-threaded processes that average gradients in shared memory.

Schedules count tokens, never the clock, so the run may be stopped (kill -STOP) or killed and resumed at any time; the
curriculum moves on by the probes. `--set key=json` changes the mix of a resumed run.
"""
import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")  # before torch: its thread count does not govern BLAS

import argparse
import json
import random
import time
from pathlib import Path

import torch
import torch.multiprocessing as mp
import torch.nn.functional as F

from model import Model
from optim import Optimizer
from probes import build_probes, run_probes
from samples import Source, batch_of, micro_batches
from tokenizer import Tokenizer
from warm import start_from

TASKS = dict(gsm8k=0.33, math=0.25, mmlu=0.1, arc=0.08, gpqa=0.14, humaneval=0.1)
DRILLS = dict(verdict=0.2, sum=0.6, table=0.2)
FIRST_DRILLS = dict(verdict=0.25, sum=0.4, table=0.35)

# Each stage's mix, and the probes (per cent) that end it when they hold twice in a row.
STAGES = [
    dict(
        mix=dict(drill_share=0.5, drills=FIRST_DRILLS, tasks=TASKS, tails=(0.06, 0.01)),
        gate=dict(drill_result=85, mmlu_letter=95, arc_letter=95, gpqa_letter=95),
    ),
    dict(
        mix=dict(drill_share=0.25, drills=DRILLS, tasks=TASKS, tails=(0.12, 0.02)),
        gate=dict(gsm8k_result=95, math_result=95, gsm8k_word=95, humaneval_word=95),
    ),
    dict(mix=dict(drill_share=0.15, drills=DRILLS, tasks=TASKS, tails=(0.25, 0.03)), gate={}),
]


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="/tmp/train")
    parser.add_argument("--tokenizer", default="models/reference/tokenizer.json")
    parser.add_argument("--out", default="/tmp/train/run", help="folder of checkpoint.pt and log.jsonl")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--family", choices=("llada", "dream"), default="llada")
    parser.add_argument("--kv-heads", type=int, help="llada: as many as heads; dream: half of them by default")
    parser.add_argument("--warm", help="folder of a LLaDA checkpoint of this width to start from, instead of noise")
    parser.add_argument("--hidden", type=int, default=384)
    parser.add_argument("--muon-lr", type=float, default=0.012)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--micro-tokens", type=int, default=640, help="tokens of a micro-batch")
    parser.add_argument("--accumulate", type=int, default=2, help="micro-batches of a worker's step")
    parser.add_argument("--warmup", type=int, default=60, help="steps")
    parser.add_argument("--total-mtok", type=float, default=26.0, help="end of the run, in million tokens")
    parser.add_argument("--decay-mtok", type=float, default=12.0, help="the last tokens, over which lr falls to zero")
    parser.add_argument("--probe-seconds", type=float, default=60.0, help="step time between probes and checkpoints")
    parser.add_argument("--stage", type=int, help="force a stage")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=JSON", help="override a key of the mix")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def build_model(args):
    torch.manual_seed(args.seed)
    vocab = len(Tokenizer.load(args.tokenizer).tokens)
    kv_heads = args.kv_heads or (args.heads if args.family == "llada" else args.heads // 2)
    model = Model(
        family=args.family,
        vocab=vocab,
        width=args.width,
        layers=args.layers,
        heads=args.heads,
        kv_heads=kv_heads,
        hidden=args.hidden,
    )
    if args.warm:
        start_from(model, args.warm)
    return model


def mix_of(stage, overrides):
    mix = dict(STAGES[stage]["mix"])
    for override in overrides:
        key, value = override.split("=", 1)
        mix[key] = json.loads(value)
    return mix


class Worker:
    """One process: its batches, its gradients, its copy of model and optimiser."""

    def __init__(self, rank, args, shared, barrier):
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        self.rank, self.args, self.shared, self.barrier = rank, args, shared, barrier
        self.model = build_model(args)
        self.parameters = list(self.model.parameters())
        updates, workers = shared["updates"], args.workers
        self.optimizer = Optimizer(
            self.model, args.muon_lr, args.adam_lr, rank=rank, workers=workers, updates=updates, barrier=barrier
        )
        self.source = Source(Tokenizer.load(args.tokenizer), args.data)
        self.out = Path(args.out)
        self.tokens, self.pools, self.batches = 0, 0, []
        self.loss, self.passed = None, 0
        if (self.out / "checkpoint.pt").exists():
            self.resume()
        if rank == 0:
            test = Source(self.source.tokenizer, args.data, "test")
            self.probes = build_probes(self.source, test)

    def resume(self):
        saved = torch.load(self.out / "checkpoint.pt")
        self.model.load_state_dict(saved["model"])
        self.optimizer.load(saved["optimizer"])
        self.tokens, self.pools = saved["tokens"], saved["pools"]
        if self.rank == 0:
            self.shared["stage"][0] = saved["stage"]

    def save(self):
        """Rank 0 holds all of the state: gradients are averaged before the optimiser sees them."""
        state = dict(
            dims=self.model.dims,
            model=self.model.state_dict(),
            optimizer=self.optimizer.state(),
            tokens=self.tokens,
            pools=self.pools,
            stage=int(self.shared["stage"][0]),
            args=vars(self.args),
        )
        torch.save(state, self.out / "checkpoint.tmp")
        os.replace(self.out / "checkpoint.tmp", self.out / "checkpoint.pt")

    def lr_factor(self):
        total, decay = self.args.total_mtok * 1e6, self.args.decay_mtok * 1e6
        warm = min(1.0, (self.optimizer.steps + 1) / self.args.warmup)
        return warm * min(1.0, max(0.0, (total - self.tokens) / decay))

    def next_batch(self):
        if not self.batches:
            self.pools += 1
            mix = mix_of(int(self.shared["stage"][0]), self.args.set)
            seed = f"{self.args.seed}/{self.rank}/{self.pools}"
            self.batches = micro_batches(self.source, seed, mix, self.args.micro_tokens)
        return self.batches.pop()

    def step(self):
        batches = [self.next_batch() for _ in range(self.args.accumulate)]
        rng = random.Random(f"{self.args.seed}/{self.rank}/mask/{self.optimizer.steps}")
        rows = sum(len(batch) for batch in batches)
        offset = rng.random()
        levels = [(offset + k / rows) % 1 for k in range(rows)]  # masking levels spread evenly over the step
        rng.shuffle(levels)
        built = []
        for batch in batches:
            built.append(batch_of(batch, [levels.pop() for _ in batch], rng))
        masked = sum(len(targets) for _, _, targets in built)
        for p in self.parameters:
            p.grad = None
        loss = 0.0
        for ids, positions, targets in built:
            hidden = self.model.hidden(torch.tensor(ids))
            rows = torch.tensor(positions) - self.model.shift
            logits = self.model.logits(hidden.view(-1, hidden.shape[-1])[rows])
            part = F.cross_entropy(logits, torch.tensor(targets), reduction="sum") / masked
            part.backward()
            loss += part.item()
        own = sum(len(ids) * len(ids[0]) for ids, _, _ in built)
        self.average(own)
        norm = torch.sqrt(sum((p.grad**2).sum() for p in self.parameters)).item()
        if norm > 1.0:
            for p in self.parameters:
                p.grad.mul_(1.0 / norm)
        self.optimizer.step(self.lr_factor())
        self.loss = loss if self.loss is None else 0.98 * self.loss + 0.02 * loss

    def average(self, own_tokens):
        """Gradients become the mean over workers; the token count becomes common."""
        flat, offset = self.shared["gradients"], 0
        for p in self.parameters:
            flat[self.rank, offset : offset + p.numel()] = p.grad.view(-1)
            offset += p.numel()
        self.shared["tokens"][self.rank] = own_tokens
        self.barrier.wait()
        mean, offset = flat.mean(0), 0
        for p in self.parameters:
            p.grad = mean[offset : offset + p.numel()].view_as(p)
            offset += p.numel()
        self.tokens += int(self.shared["tokens"].sum())

    def report(self, seconds, rate):
        """Probes, log line, checkpoint; moves the stage when its gate held twice."""
        stage = int(self.shared["stage"][0])
        scores = run_probes(self.model, self.probes)
        gate = STAGES[stage]["gate"]
        held = bool(gate) and all(scores.get(name, 0) >= least for name, least in gate.items())
        self.passed = self.passed + 1 if held else 0
        if self.passed >= 2:
            self.shared["stage"][0], self.passed = stage + 1, 0
        line = dict(
            step=self.optimizer.steps,
            mtok=round(self.tokens / 1e6, 3),
            minutes=round(seconds / 60, 2),
            rate=round(rate),
            stage=stage,
            lr=round(self.lr_factor(), 4),
            loss=round(self.loss or 0, 4),
            probes=scores,
        )
        with (self.out / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)
        self.save()

    def run(self):
        active, since, before = 0.0, 0.0, self.tokens
        if self.rank == 0:
            self.report(0, 0)
        self.barrier.wait()
        while self.tokens < self.args.total_mtok * 1e6:
            start = time.perf_counter()
            self.step()
            since += time.perf_counter() - start
            if self.rank == 0 and since >= self.args.probe_seconds:
                active += since
                self.report(active, (self.tokens - before) / since)
                since, before = 0.0, self.tokens
            self.barrier.wait()  # a change of stage reaches everyone before the next draw
        if self.rank == 0:
            self.report(active + since, 0)


def start(rank, args, shared, barrier):
    Worker(rank, args, shared, barrier).run()


def main():
    args = parse()
    Path(args.out).mkdir(parents=True, exist_ok=True)
    size = sum(p.numel() for p in build_model(args).parameters())
    context = mp.get_context("spawn")
    barrier = context.Barrier(args.workers)
    shared = dict(
        gradients=torch.zeros(args.workers, size).share_memory_(),
        updates=torch.zeros(size).share_memory_(),
        tokens=torch.zeros(args.workers, dtype=torch.long).share_memory_(),
        stage=torch.tensor([args.stage or 0]).share_memory_(),
    )
    workers = [context.Process(target=start, args=(rank, args, shared, barrier)) for rank in range(args.workers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
