"""Dynamic-dLLM as its authors released it (methods.md 3.7.2): the LLaDA hook, a fork of dLLM-Cache's, and generate_pd."""
import torch
import torch.nn.functional as F

from .dllm_cache import DllmCache
from .passes import new_canvas, spans


def window(centre, length, size):
    """Positions of the window, moved inside 0..length-1; at least the one in the middle."""
    if size >= length:
        return torch.arange(length)
    radius = size // 2
    start = min(max(centre - radius, 0), length - (2 * radius + 1))
    return torch.arange(start, start + 2 * radius + 1)


class DynamicCache(DllmCache):
    """dLLM-Cache, but for the rows of a partial update: a window around the last token, and the most changed others."""

    def __init__(
        self, layers, prompt_length, prompt_interval, response_interval, layer_budget, window_size, select_from
    ):
        super().__init__(layers, prompt_length, prompt_interval, response_interval)
        self.layer_budget, self.window_size, self.select_from = layer_budget, window_size, select_from
        self.inputs = [None] * layers
        self.means, self.weights = [], None
        self.last = prompt_length - 1

    def revealed(self, positions, confidence):
        if len(positions) > 0:
            self.last = int(positions[-1])

    def refreshed(self, index, h):
        """The budget weights. In mode v the cache was overwritten just before, so the distances are rounding noise."""
        passes = self.counts[index]
        if passes < 2:
            return
        if self.select_from == "v":
            now = self.parts[index][1].v
            before = now
        else:
            now = h
            before = h if self.inputs[index] is None else self.inputs[index]
            self.inputs[index] = h
        if now.shape[1] > 4:
            now, before = now[:, ::4], before[:, ::4]
        mean = (1 - F.cosine_similarity(now, before, dim=-1)).mean()
        if index == 0:
            if passes > 2 and self.means:
                # The factor makes every weight 1 / layers.
                self.weights = torch.softmax(torch.stack(self.means) * 1e-8, 0)
            self.means = []
        self.means.append(mean)

    def adapt(self, index, block, h):
        length = h.shape[1]
        u = block.attn_norm(h)
        if self.select_from == "v":
            now, before = block.v_proj(u), self.parts[index][1].v
        else:
            now, before = u, u if self.inputs[index] is None else self.inputs[index]
            self.inputs[index] = u
        distance = (1 - F.cosine_similarity(now, before, dim=-1))[0]
        self.means.append(distance.mean())
        budget = self.layer_budget
        if self.counts[index] > 2 and self.weights is not None:
            # 32 layers, whatever the model has.
            budget = self.layer_budget * 32 * self.weights[index]
        near = window(self.last - self.prompt_length, length, self.window_size)
        seen = distance.clone() if self.selected is not None else None
        distance[near] = -torch.inf
        _, far = torch.topk(distance, k=min(max(int(budget), 0), length))
        rows = torch.cat([near, far]).sort().values
        self.note(index, rows, seen)
        # V is projected a second time in mode v.
        return rows, self.replace(index, block, u, block.v_proj(u), rows)


class Thresholds:
    """generate_pd's threshold: fixed (mode 0), one for all tokens (1), one for each token of the response (2)."""

    def __init__(self, mode, start, alpha, beta):
        self.mode, self.alpha, self.beta = mode, alpha, beta
        self.value = start
        self.before = None

    def update(self, logits, eligible):
        """logits [1, G, vocab], eligible [1, G]."""
        if self.mode == 0:
            return
        probability = F.softmax(logits.to(torch.float64), -1)
        if self.before is None:
            if self.mode == 2:
                self.value = torch.full(eligible.shape, self.value, dtype=torch.float64)
        else:
            certainty = 1 - torch.sort(probability, -1, descending=True).values[..., 1]
            instability = 1 - F.cosine_similarity(probability, self.before, dim=-1)
            if self.mode == 1:
                if eligible.any():
                    self.value += float(
                        -self.alpha * certainty[eligible].mean() + self.beta * instability[eligible].mean()
                    )
            else:
                self.value = self.value - self.alpha * certainty + self.beta * instability
        self.before = probability


@torch.no_grad()
def generate_pd(model, prompt, passes, length, block, steps, thresholds, make_cache=None):
    """Adaptive parallel decoding; without make_cache every pass computes every row."""
    first = len(prompt)
    x = new_canvas(model, prompt, length)
    cache = None if make_cache is None else make_cache(len(model.blocks), first)
    passes.start(cache)
    for start, end, _ in spans(first, length, block, steps):
        while True:
            masked = x == model.mask_id
            logits = model(x, None if cache is None else cache.layer)
            masked[:, end:] = False
            thresholds.update(logits[:, first:], masked[:, first:])
            best = logits.argmax(-1)
            probability = F.softmax(logits.to(torch.float64), -1)
            confidence = probability.gather(-1, best[..., None]).squeeze(-1)
            confidence = torch.where(masked, confidence, torch.tensor(-torch.inf, dtype=torch.float64))
            passes.sees(0, confidence, logits)
            chosen = masked.clone()
            chosen[:, :first] = False
            chosen[:, first:] &= confidence[:, first:] >= thresholds.value
            chosen[0, confidence[0].argmax()] = True
            x[chosen] = best[chosen]
            if cache is not None:
                rows = chosen[0].nonzero().view(-1)
                cache.revealed(rows, confidence[0, rows])
            passes.done(x)
            if not (x[:, start:end] == model.mask_id).any():
                break
    return x
