"""Fast-dLLM for LLaDA, code of June 2025 (methods.md 2.3, 3.6): parallel decoding, without a cache or with DualCache."""
import torch
import torch.nn.functional as F

from .passes import new_canvas, quota, spans


def transfer(x, logits, masked, count, threshold, passes, first=0):
    """Reveals tokens of x [1, rows], whose first row is position `first`; the softmax of all rows is in float64.

    threshold None: the `count` most confident ones. Else the most confident one and all that reach the threshold.
    """
    best = logits.argmax(-1)
    probability = F.softmax(logits.to(torch.float64), -1)
    confidence = probability.gather(-1, best[..., None]).squeeze(-1)
    best = torch.where(masked, best, x)
    confidence = torch.where(masked, confidence, torch.tensor(-torch.inf, dtype=torch.float64))
    passes.sees(first, confidence, logits)
    if threshold is not None:
        count = int(masked.sum())
    chosen = torch.zeros_like(masked)
    _, order = torch.topk(confidence[0], k=count)
    chosen[0, order] = True
    if threshold is not None:
        for row in order[1:]:
            if confidence[0, row] < threshold:
                chosen[0, row] = False
    x[chosen] = best[chosen]


class DualCache:
    """K, before the rotation, and V of all rows of every layer; the rows of a later pass overwrite theirs."""

    def __init__(self, layers):
        self.k, self.v = [None] * layers, [None] * layers

    def fill(self, index, block, h):
        u = block.attn_norm(h)
        self.k[index], self.v[index] = block.k_proj(u), block.v_proj(u)
        h = h + block.attend(block.q_proj(u), self.k[index], self.v[index])
        return h + block.feed_forward(h)

    def rows(self, start, end):
        """The forward of a block for rows start..end-1."""
        positions = torch.arange(start, end)

        def layer(index, block, h):
            u = block.attn_norm(h)
            self.k[index][:, start:end] = block.k_proj(u)
            self.v[index][:, start:end] = block.v_proj(u)
            h = h + block.attend(block.q_proj(u), self.k[index], self.v[index], positions)
            return h + block.feed_forward(h)

        return layer


@torch.no_grad()
def generate(model, prompt, passes, length, block, steps, threshold):
    """Without a cache; a block ends when it has no mask."""
    x = new_canvas(model, prompt, length)
    passes.start()
    for start, end, block_steps in spans(len(prompt), length, block, steps):
        counts = iter(quota(int((x[:, start:end] == model.mask_id).sum()), block_steps))
        while True:
            masked = x == model.mask_id
            logits = model(x)
            masked[:, end:] = False
            transfer(x, logits, masked, None if threshold is not None else next(counts), threshold, passes)
            passes.done(x)
            if not (x[:, start:end] == model.mask_id).any():
                break
    return x


@torch.no_grad()
def generate_dual(model, prompt, passes, length, block, steps, threshold):
    """A full pass at the start of a block, which reveals tokens too; then at least one pass of the block alone."""
    x = new_canvas(model, prompt, length)
    passes.start()
    for start, end, block_steps in spans(len(prompt), length, block, steps):
        counts = iter(quota(int((x[:, start:end] == model.mask_id).sum()), block_steps))
        cache = DualCache(len(model.blocks))
        logits = model(x, cache.fill)
        masked = x == model.mask_id
        masked[:, end:] = False
        transfer(x, logits, masked, None if threshold is not None else next(counts), threshold, passes)
        passes.done(x)
        rows = cache.rows(start, end)
        while True:
            now = x[:, start:end]
            masked = now == model.mask_id
            logits = model(now, rows)
            transfer(now, logits, masked, None if threshold is not None else next(counts), threshold, passes, start)
            passes.done(x)
            if not (x[:, start:end] == model.mask_id).any():
                break
    return x
