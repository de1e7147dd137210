"""LLaDA's network (methods.md 1.1): pre-norm blocks, RMSNorm, RoPE on half-split heads, SwiGLU, no mask, no biases.

Its parts are called one by one by the cached methods, as their hooks do with the official model. Activations are
`[1, rows, width]`; everything is float32.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class RmsNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width))
        self.eps = eps

    def forward(self, x):
        x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)
        return self.weight * x


class Rope(nn.Module):
    """Rotation by absolute position; the angles of all positions are made once, as the official model keeps them."""

    def __init__(self, size, theta, max_length):
        super().__init__()
        frequencies = 1.0 / (theta ** (torch.arange(0, size, 2).float() / size))
        angles = torch.outer(torch.arange(max_length).float(), frequencies)
        angles = torch.cat([angles, angles], -1)[None, None]
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, heads, positions=None):
        """heads [1, heads, rows, size]; positions [rows], or None = 0, 1, 2, ..."""
        rows = slice(0, heads.shape[2]) if positions is None else positions
        first, second = heads.chunk(2, -1)
        turned = torch.cat([-second, first], -1)
        return heads * self.cos[:, :, rows] + turned * self.sin[:, :, rows]


class Block(nn.Module):
    def __init__(self, width, heads, hidden, rope, eps):
        super().__init__()
        self.heads = heads
        # Shared by all blocks: no weights of its own.
        self.rope = [rope]
        self.attn_norm, self.ff_norm = RmsNorm(width, eps), RmsNorm(width, eps)
        for name in ("q_proj", "k_proj", "v_proj", "attn_out"):
            setattr(self, name, nn.Linear(width, width, bias=False))
        self.ff_proj, self.up_proj = (nn.Linear(width, hidden, bias=False) for _ in range(2))
        self.ff_out = nn.Linear(hidden, width, bias=False)

    def attend(self, q, k, v, q_positions=None):
        """Attention branch of rows q against all rows k, v, each before the rotation; q_positions [rows of q].

        K of all rows is rotated at every call: every one of the caches keeps it before the rotation (methods.md 3).
        """
        q, k, v = (self.split(t) for t in (q, k, v))
        q, k = self.rope[0](q, q_positions), self.rope[0](k)
        scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(q.shape[-1])
        mixed = torch.matmul(torch.softmax(scores, -1), v)
        return self.attn_out(mixed.transpose(1, 2).reshape(1, q.shape[2], -1))

    def split(self, rows):
        return rows.view(1, rows.shape[1], self.heads, -1).transpose(1, 2)

    def feed_forward(self, h):
        u = self.ff_norm(h)
        return self.ff_out(F.silu(self.ff_proj(u)) * self.up_proj(u))

    def forward(self, h):
        u = self.attn_norm(h)
        h = h + self.attend(self.q_proj(u), self.k_proj(u), self.v_proj(u))
        return h + self.feed_forward(h)


class Model(nn.Module):
    """Named so that the tensors of a checkpoint fit without `model.transformer.` before them."""

    def __init__(self, vocab, width, layers, heads, hidden, theta, eps, max_length, mask_id):
        super().__init__()
        self.mask_id = mask_id
        rope = Rope(width // heads, theta, max_length)
        self.wte = nn.Embedding(vocab, width)
        self.blocks = nn.ModuleList([Block(width, heads, hidden, rope, eps) for _ in range(layers)])
        self.ln_f = RmsNorm(width, eps)
        self.ff_out = nn.Linear(width, vocab, bias=False)

    def forward(self, ids, layer=None):
        """Logits [1, rows, vocab] of ids [1, rows]; `layer(index, block, h)` stands in for the blocks' own forward."""
        h = self.wte(ids)
        for index, block in enumerate(self.blocks):
            h = block(h) if layer is None else layer(index, block, h)
        return self.ff_out(self.ln_f(h))
