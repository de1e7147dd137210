"""Dynamic-dLLM as its paper states it (methods.md 3.7.1 and 3.7.3; conformance/README.md 4, the default readings).

The authors released no such program, so this one stands for nobody's code: it is what the equations ask for, as a hook
under the released loops. The choice of rows needs small distances: they are taken as differences, not from a cosine near 1.
"""
import torch
import torch.nn.functional as F



class DcuCache:
    """K, before the rotation, V, both branches and the normalised input of every row and layer."""

    def __init__(self, layers, layer_budget, window_size):
        self.layers, self.layer_budget, self.window_size = layers, layer_budget, window_size
        self.k, self.v, self.attention, self.ffn, self.inputs = ([None] * layers for _ in range(5))
        self.means, self.budgets, self.window = [], None, []
        # The most confident token of the last pass.
        self.key = None
        # As DllmCache's.
        self.selected, self.passes = None, 0

    def revealed(self, positions, confidence):
        """Called after every pass with what it revealed: absolute positions and confidences [n]."""
        self.key = int(positions[confidence.argmax()]) if len(positions) > 0 else None

    def begin(self, length):
        """Budgets (eq. 6, by the means of the last pass) and window (eq. 7) of a pass over `length` rows."""
        total = sum(self.means)
        if total > 0:
            scale = self.layer_budget * self.layers
            self.budgets = [min(int(scale * mean / total), length) for mean in self.means]
        else:
            self.budgets = [min(self.layer_budget, length)] * self.layers
        self.passes += 1
        half, key = self.window_size // 2, self.key
        self.window = [] if key is None else list(range(max(key - half, 0), min(key + half + 1, length)))
        self.means = []

    def layer(self, index, block, h):
        if index == 0:
            self.begin(h.shape[1])
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
        rows = picked.nonzero().view(-1)
        if self.selected is not None:
            self.selected.append((self.passes, index, rows, 0, distance))
        return rows


def distances(now, before):
    """1 - cos of each row, as half the squared distance of the unit rows: exactly 0 where nothing changed."""
    now, before = (rows / torch.linalg.vector_norm(rows, dim=-1, keepdim=True) for rows in (now, before))
    return (now - before).square_().sum(-1, dtype=torch.float64) / 2


class TokenThresholds:
    """Adaptive parallel decoding (eq. 8, 10, 11): a threshold for every position, moved from the third pass on."""

    def __init__(self, start, alpha, beta):
        self.start, self.alpha, self.beta = start, alpha, beta
        self.value, self.before, self.passes = None, None, 0

    def update(self, logits, eligible):
        """logits [1, G, vocab]; the thresholds of all positions move, whether they are eligible or not."""
        probability = F.softmax(logits.to(torch.float64), -1)
        if self.value is None:
            self.value = torch.full(probability.shape[:2], self.start, dtype=torch.float64)
        if self.passes >= 2:
            certainty = 1 - torch.topk(probability, 2, -1).values[..., 1]
            instability = 1 - F.cosine_similarity(probability, self.before, dim=-1)
            self.value = self.value - self.alpha * certainty + self.beta * instability
        self.before = probability
        self.passes += 1
