"""Dynamic-dLLM as its paper states it (methods.md 3.7.1 and 3.7.3; conformance/README.md 4, the default readings).

The authors released no such program, so this one stands for nobody's code: it is what the equations ask for, in the
manner of the released hook. The choice of rows needs small differences of cosines, so their sums are float64.
"""
import torch
import torch.nn.functional as F

from .passes import commit_best, new_canvas, quota, spans


class DcuCache:
    """K, before the rotation, V, both branches and the normalised input of every row and layer."""

    def __init__(self, layers, layer_budget, window_size):
        self.layers, self.layer_budget, self.window_size = layers, layer_budget, window_size
        self.k, self.v, self.attention, self.ffn, self.inputs = ([None] * layers for _ in range(5))
        self.means, self.budgets, self.window = [], None, []

    def before_pass(self, length, key):
        """key: absolute position of the most confident token that the last pass revealed, or None."""
        total = sum(self.means)
        if total > 0:
            scale = self.layer_budget * self.layers
            self.budgets = [min(int(scale * mean / total), length) for mean in self.means]
        else:
            self.budgets = [min(self.layer_budget, length)] * self.layers
        half = self.window_size // 2
        self.window = [] if key is None else list(range(max(key - half, 0), min(key + half + 1, length)))
        self.means = []

    def layer(self, index, block, h):
        u = block.attn_norm(h)
        if self.k[index] is None:
            self.k[index], self.v[index] = block.k_proj(u), block.v_proj(u)
            self.attention[index] = block.attend(block.q_proj(u), self.k[index], self.v[index])
            h = h + self.attention[index]
            self.ffn[index] = block.feed_forward(h)
        else:
            rows = self.choose(index, u)
            chosen = u[:, rows]
            self.k[index][:, rows] = block.k_proj(chosen)
            self.v[index][:, rows] = block.v_proj(chosen)
            q = block.q_proj(chosen)
            self.attention[index][:, rows] = block.attend(q, self.k[index], self.v[index], rows)
            h = h + self.attention[index]
            self.ffn[index][:, rows] = block.feed_forward(h[:, rows])
        self.inputs[index] = u
        return h + self.ffn[index]

    def choose(self, index, u):
        """Rows of a layer, ascending: the window and the most changed ones; ties to the lower position."""
        distance = distances(u, self.inputs[index])[0]
        self.means.append(float(distance.mean()))
        order = distance.sort(descending=True, stable=True).indices
        picked = torch.zeros(len(distance), dtype=torch.bool)
        picked[order[: self.budgets[index]]] = True
        picked[self.window] = True
        return picked.nonzero().view(-1)


def distances(now, before):
    """1 - cos of each row; exactly 0 where nothing changed."""
    dot, one, other = (torch.sum(a * b, -1, dtype=torch.float64) for a, b in ((now, before), (now, now), (before, before)))
    distance = 1 - dot / torch.sqrt(one * other)
    return distance.masked_fill_((now == before).all(-1), 0)


class TokenThresholds:
    """Adaptive parallel decoding (eq. 8, 10, 11): a threshold for every position, moved from the third pass on."""

    def __init__(self, start, alpha, beta):
        self.start, self.alpha, self.beta = start, alpha, beta
        self.value, self.before, self.passes = None, None, 0

    def update(self, probability):
        """probability [1, G, vocab], float64."""
        if self.value is None:
            self.value = torch.full(probability.shape[:2], self.start, dtype=torch.float64)
        if self.passes >= 2:
            certainty = 1 - torch.topk(probability, 2, -1).values[..., 1]
            instability = 1 - F.cosine_similarity(probability, self.before, dim=-1)
            self.value = self.value - self.alpha * certainty + self.beta * instability
        self.before = probability
        self.passes += 1


@torch.no_grad()
def generate(model, prompt, passes, length, block, steps, make_cache=None, thresholds=None):
    """Without thresholds the fixed quota of LLaDA's sampler; without a cache every pass computes every row."""
    first = len(prompt)
    x = new_canvas(model, prompt, length)
    cache = None if make_cache is None else make_cache(len(model.blocks))
    key = None
    passes.start(cache)
    for start, end, block_steps in spans(first, length, block, steps):
        counts = quota(int((x[:, start:end] == model.mask_id).sum()), block_steps)
        number = 0
        while number < block_steps if thresholds is None else (x[:, start:end] == model.mask_id).any():
            if cache is not None:
                cache.before_pass(x.shape[1], key)
            before = x.clone()
            masked = x == model.mask_id
            masked[:, end:] = False
            logits = model(x, None if cache is None else cache.layer)
            best = logits.argmax(-1)
            probability = F.softmax(logits.to(torch.float64), -1)
            confidence = probability.gather(-1, best[..., None]).squeeze(-1)
            confidence = torch.where(masked, confidence, torch.tensor(-torch.inf, dtype=torch.float64))
            best = torch.where(masked, best, x)
            passes.sees(0, confidence, logits)
            if thresholds is None:
                commit_best(x, best, confidence, counts[number])
            else:
                thresholds.update(probability[:, first:])
                chosen = torch.zeros_like(masked)
                chosen[:, first:] = masked[:, first:] & (confidence[:, first:] >= thresholds.value)
                chosen[0, confidence[0].argmax()] = True
                x[chosen] = best[chosen]
            revealed = x != before
            key = int(confidence.masked_fill(~revealed, -torch.inf).argmax()) if revealed.any() else None
            number += 1
            passes.done(x)
    return x
