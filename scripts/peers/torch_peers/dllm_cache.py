"""dLLM-Cache (methods.md 3.2): the block hook, and the fixed-schedule loop that its repository and its fork have."""
import torch
import torch.nn.functional as F

from .passes import commit_best, new_canvas, quota, spans


class Part:
    """What a layer keeps of the prompt or of the response: K before the rotation, V, attention and FFN branch."""

    k = v = attention = ffn = None


class DllmCache:
    """Stands in for the forward of every block; one object a sample."""

    def __init__(self, layers, prompt_length, prompt_interval, response_interval, update_ratio=0.0):
        self.prompt_length = prompt_length
        self.intervals = prompt_interval, response_interval
        self.update_ratio = update_ratio
        self.parts = [(Part(), Part()) for _ in range(layers)]
        # 1-based number of the pass, counted by each layer; never reset between blocks.
        self.counts = [0] * layers
        # (pass, layer, absolute rows, first row that could be chosen, distances) of partial updates, for checks.
        self.selected = None

    def layer(self, index, block, h):
        """h [1, L, width]: all rows come in and go out; the residual stream is never kept."""
        self.counts[index] += 1
        prompt_due, response_due = (index == 0 or (self.counts[index] - 1) % n == 0 for n in self.intervals)
        prompt, response = self.parts[index]
        length = self.prompt_length
        rows = None
        if prompt_due and response_due:
            u = block.attn_norm(h)
            k, v = block.k_proj(u), block.v_proj(u)
            prompt.k, response.k = k[:, :length], k[:, length:]
            prompt.v, response.v = v[:, :length], v[:, length:]
            self.refreshed(index, h[:, length:])
            attention = block.attend(block.q_proj(u), k, v)
            prompt.attention, response.attention = attention[:, :length], attention[:, length:]
        else:
            if response_due:
                u = block.attn_norm(h[:, length:])
                response.k, response.v = block.k_proj(u), block.v_proj(u)
                self.refreshed(index, h[:, length:])
                q, positions = block.q_proj(u), torch.arange(length, h.shape[1])
                response.attention = self.attend(index, block, q, positions)
            elif prompt_due:
                u = block.attn_norm(h[:, :length])
                prompt.k, prompt.v = block.k_proj(u), block.v_proj(u)
                q, positions = block.q_proj(u), torch.arange(length)
                rows, q_rows = self.adapt(index, block, h[:, length:])
                if rows is not None:
                    q, positions = torch.cat([q, q_rows], 1), torch.cat([positions, rows + length])
                attention = self.attend(index, block, q, positions)
                prompt.attention = attention[:, :length]
                if rows is not None:
                    scatter(response.attention, rows, attention[:, length:])
            else:
                rows, q_rows = self.adapt(index, block, h[:, length:])
                if rows is not None:
                    scatter(response.attention, rows, self.attend(index, block, q_rows, rows + length))
            attention = torch.cat([prompt.attention, response.attention], 1)
        h = h + attention
        if prompt_due and response_due:
            ffn = block.feed_forward(h)
            prompt.ffn, response.ffn = ffn[:, :length], ffn[:, length:]
        else:
            if prompt_due:
                prompt.ffn = block.feed_forward(h[:, :length])
            if response_due:
                response.ffn = block.feed_forward(h[:, length:])
            elif rows is not None:
                scatter(response.ffn, rows, block.feed_forward(gather(h[:, length:], rows)))
            ffn = torch.cat([prompt.ffn, response.ffn], 1)
        return h + ffn

    def attend(self, index, block, q, positions):
        prompt, response = self.parts[index]
        k, v = torch.cat([prompt.k, response.k], 1), torch.cat([prompt.v, response.v], 1)
        return block.attend(q, k, v, positions)

    def adapt(self, index, block, h):
        """h [1, G, width] -> rows that get new values (None: no update at all) and their q, K and V being stored."""
        if self.update_ratio == 0:
            return None, None
        response = self.parts[index][1]
        u = block.attn_norm(h)
        v = block.v_proj(u)
        similarity = F.cosine_similarity(v, response.v, dim=-1)
        _, rows = torch.topk(similarity[0], k=int(self.update_ratio * h.shape[1]), largest=False)
        self.note(index, rows, 1 - similarity[0] if self.selected is not None else None)
        return rows, self.replace(index, block, u, v, rows)

    def replace(self, index, block, u, v, rows):
        """K of the rows and V of the whole response go into the cache. Returns q of the rows."""
        response = self.parts[index][1]
        u = gather(u, rows)
        response.v = v
        scatter(response.k, rows, block.k_proj(u))
        return block.q_proj(u)

    def note(self, index, rows, distance):
        if self.selected is not None:
            first = self.prompt_length
            self.selected.append((self.counts[index], index, rows + first, first, distance))

    def refreshed(self, index, h):
        """Called where the response of a layer was refreshed, with its input."""

    def revealed(self, positions, confidence):
        """Called after every pass with what it revealed: absolute positions, ascending, and confidences [n]."""


def expand(rows, like):
    return rows[None, :, None].expand(1, -1, like.shape[-1])


def gather(tensor, rows):
    return torch.gather(tensor, 1, expand(rows, tensor))


def scatter(tensor, rows, values):
    tensor.scatter_(1, expand(rows, tensor), values)


@torch.no_grad()
def generate(model, prompt, passes, length, block, steps, make_cache):
    """The logits of all rows are made, those of the response are read; the argmax is that of exp(logits)."""
    first = len(prompt)
    x = new_canvas(model, prompt, length)
    cache = make_cache(len(model.blocks), first)
    passes.start(cache)
    for start, end, block_steps in spans(first, length, block, steps):
        for count in quota(int((x[:, start:end] == model.mask_id).sum()), block_steps):
            response = x[:, first:]
            masked = response == model.mask_id
            logits = model(x, cache.layer)[:, first:]
            best = logits.exp().argmax(-1)
            confidence = F.softmax(logits, -1).gather(-1, best[..., None]).squeeze(-1)
            confidence[:, end - first :] = -torch.inf
            best = torch.where(masked, best, response)
            confidence = torch.where(masked, confidence, torch.tensor(-torch.inf))
            passes.sees(first, confidence, logits)
            commit_best(response, best, confidence, count)
            rows = (masked[0] & (response[0] != model.mask_id)).nonzero().view(-1)
            cache.revealed(rows + first, confidence[0, rows])
            passes.done(x)
    return x
