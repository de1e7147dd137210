"""LLaDA's semi-autoregressive low-confidence decoding, batched over prompts of one length, without caches."""
import torch

from tokenizer import EOS, EOT, MASK


@torch.no_grad()
def decode(model, prompts, length=128, block=32, threshold=None):
    """Fills `length` masks after each prompt, block by block.

    threshold None: the one most confident masked position of the block a step (vanilla). Else all masked positions
    whose confidence is above the threshold, and at least the most confident one (Fast-dLLM). A row stops after the
    block in which its text ends; what would follow does not change the text.

    Returns (responses cut at the first EOT or EOS, forward passes per row).
    """
    start = len(prompts[0])
    canvas = torch.full((len(prompts), start + length), MASK)
    canvas[:, :start] = torch.tensor(prompts)
    passes = torch.zeros(len(prompts), dtype=torch.long)
    alive = torch.ones(len(prompts), dtype=torch.bool)
    for low in range(start, start + length, block):
        high = low + block
        while True:
            rows = (alive & (canvas[:, low:high] == MASK).any(1)).nonzero().view(-1)
            if not len(rows):
                break
            ids = canvas[rows]
            logits = model.logits(model.hidden(ids)[:, low - model.shift : high - model.shift])
            confidence, best = torch.softmax(logits, -1).max(-1)
            masked = ids[:, low:high] == MASK
            confidence = confidence.masked_fill(~masked, -1)
            chosen = torch.zeros_like(masked)
            chosen[torch.arange(len(rows)), confidence.argmax(1)] = True
            if threshold is not None:
                chosen |= confidence > threshold
            ids[:, low:high] = torch.where(chosen, best, ids[:, low:high])
            canvas[rows] = ids
            passes[rows] += 1
        done = ((canvas[:, low:high] == EOT) | (canvas[:, low:high] == EOS)).any(1)
        alive &= ~done
    return [cut(row) for row in canvas[:, start:].tolist()], passes.tolist()


def cut(ids):
    """Ids up to the first end token or mask."""
    for index, token in enumerate(ids):
        if token in (EOS, EOT, MASK):
            return ids[:index]
    return ids


def decode_all(model, prompts, rows=64, **options):
    """`decode` over prompts of any lengths, grouped by length; results in the order given."""
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    results = [None] * len(prompts)
    first = 0
    while first < len(order):
        last = first
        while last < len(order) and last - first < rows and len(prompts[order[last]]) == len(prompts[order[first]]):
            last += 1
        group = order[first:last]
        for index, text, passes in zip(group, *decode(model, [prompts[i] for i in group], **options)):
            results[index] = (text, passes)
        first = last
    return results
