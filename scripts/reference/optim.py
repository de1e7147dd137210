"""Muon for the block matrices (Newton-Schulz orthogonalised momentum) and AdamW for the rest."""
import torch

# Matrices that hold several projections are orthogonalised projection by projection.
PARTS = {"kv": 2, "gate_up": 2}
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonalise(grad, iterations=4):
    """Newton-Schulz iteration towards the nearest semi-orthogonal matrices; grad [n, rows, columns]."""
    wide = grad.shape[1] > grad.shape[2]
    x = grad.transpose(1, 2) if wide else grad
    x = x / (x.flatten(1).norm(dim=1).view(-1, 1, 1) + 1e-9)
    a, b, c = NEWTON_SCHULZ
    # x^T x is the small side: rows >= columns here.
    for _ in range(iterations):
        gram = torch.bmm(x.transpose(1, 2), x)
        x = a * x + torch.bmm(x, b * gram + c * torch.bmm(gram, gram))
    return x.transpose(1, 2) if wide else x


class Optimizer:
    """Steps a model whose gradients every worker holds in full; the orthogonalisations are shared out."""

    def __init__(self, model, muon_lr, adam_lr, weight_decay=0.05, rank=0, workers=1, updates=None, barrier=None):
        self.muon_lr, self.adam_lr, self.weight_decay = muon_lr, adam_lr, weight_decay
        self.rank, self.workers, self.updates, self.barrier = rank, workers, updates, barrier
        named = list(model.named_parameters())
        self.muon = [(name, p) for name, p in named if name.startswith("blocks") and p.dim() == 2]
        self.adam = [(name, p) for name, p in named if not (name.startswith("blocks") and p.dim() == 2)]
        self.momentum = {name: torch.zeros_like(p) for name, p in named}
        self.square = {name: torch.zeros_like(p) for name, p in self.adam}
        self.steps = 0

    def state(self):
        return dict(momentum=self.momentum, square=self.square, steps=self.steps)

    def load(self, state):
        self.steps = state["steps"]
        for own, saved in ((self.momentum, state["momentum"]), (self.square, state["square"])):
            for name, value in saved.items():
                own[name].copy_(value)

    @torch.no_grad()
    def step(self, factor):
        """One update with both learning rates times `factor`."""
        self.steps += 1
        self._adam(self.adam_lr * factor)
        self._muon(self.muon_lr * factor)

    def _adam(self, lr, beta1=0.9, beta2=0.98):
        for name, p in self.adam:
            first, second = self.momentum[name], self.square[name]
            first.lerp_(p.grad, 1 - beta1)
            second.mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
            if p.dim() == 2:
                p.mul_(1 - lr * self.weight_decay)
            root = (second / (1 - beta2**self.steps)).sqrt_().add_(1e-9)
            p.addcdiv_(first, root, value=-lr / (1 - beta1**self.steps))

    def _muon(self, lr, beta=0.95):
        offset, spans = 0, []
        for index, (name, p) in enumerate(self.muon):
            momentum = self.momentum[name]
            momentum.lerp_(p.grad, 1 - beta)
            parts = PARTS.get(name.rsplit(".", 1)[-1], 1)
            span = slice(offset, offset + p.numel())
            if index % self.workers == self.rank:
                nesterov = p.grad.lerp(momentum, beta).view(parts, -1, p.shape[1])
                self.updates[span] = orthogonalise(nesterov).reshape(-1)
            scale = max(1.0, p.shape[0] / parts / p.shape[1]) ** 0.5
            spans.append((p, span, scale))
            offset += p.numel()
        if self.barrier is not None:
            self.barrier.wait()
        for p, span, scale in spans:
            p.mul_(1 - lr * self.weight_decay).add_(self.updates[span].view_as(p), alpha=-lr * scale)
