"""What the loops have in common: the canvas, the fixed quota, and a record of the passes."""
import time

import torch


class Enough(Exception):
    """As many passes as were asked for."""


class Passes:
    """When each pass ended and what the canvas was then."""

    def __init__(self, limit=None):
        self.limit = limit
        self.seconds = []
        self.canvases = []
        self.cache = None
        # Whether confidence and logits of the last pass are kept, and which rows the cache chose.
        self.watched = False
        self.seen = None

    def start(self, cache=None):
        """`cache`: what stands in for the forward of the blocks."""
        self.cache = cache
        if self.watched and cache is not None:
            cache.selected = []
        self.seconds.append(time.perf_counter())

    def done(self, x):
        """@raises Enough at the limit."""
        self.seconds.append(time.perf_counter())
        self.canvases.append(x[0].clone())
        if len(self.canvases) == self.limit:
            raise Enough

    def sees(self, first, confidence, logits):
        """Called before tokens are revealed: confidence [1, rows] and logits of the rows from position `first` on."""
        if self.watched:
            self.seen = first, confidence[0], logits[0]

    def committed(self, prompt_length, mask_id):
        """Of each pass `[[position, id], ...]`, ascending: what the canvases differ by."""
        before = torch.full_like(self.canvases[0], mask_id)
        before[:prompt_length] = self.canvases[0][:prompt_length]
        steps = []
        for after in self.canvases:
            changed = (after != before).nonzero().view(-1)
            steps.append([[position, int(after[position])] for position in changed.tolist()])
            before = after
        return steps

    def milliseconds(self):
        return [1000 * (end - start) for start, end in zip(self.seconds, self.seconds[1:])]


def new_canvas(model, prompt, length):
    """Prompt and masks, [1, P + G]."""
    x = torch.full((1, len(prompt) + length), model.mask_id, dtype=torch.long)
    x[0, : len(prompt)] = torch.tensor(prompt)
    return x


def quota(masks, steps):
    """Tokens of each of the `steps` passes of a block: floor(masks / steps), one more in the first ones."""
    base, more = divmod(masks, steps)
    return [base + (step < more) for step in range(steps)]


def spans(prompt_length, length, block, steps):
    """Start, end and passes of each block, from left to right."""
    blocks = length // block
    for index in range(blocks):
        start = prompt_length + index * block
        yield start, start + block, steps // blocks


def commit_best(x, tokens, confidence, count):
    """The `count` most confident ones become tokens; tokens and confidence [1, L]."""
    chosen = torch.zeros_like(x, dtype=torch.bool)
    _, best = torch.topk(confidence[0], k=count)
    chosen[0, best] = True
    x[chosen] = tokens[chosen]
