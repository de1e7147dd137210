"""The two architectures (pre-norm, RMSNorm, RoPE, SwiGLU, no mask), written for speed on one CPU thread.

`llada`: as many KV heads as heads, no biases; row p predicts position p. `dream`: the layout of Qwen2, with grouped
KV heads and biases on q, k and v; row p predicts position p + 1.

RoPE turns interleaved pairs here, as one complex multiplication; export.py permutes the rows of q and k within
each head, which gives the half-split RoPE of the published checkpoints.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

RMS_EPS = 1e-5


class RmsNorm(torch.autograd.Function):
    """x / rms(x) * weight over the last dimension, with a backward of few passes over memory."""

    @staticmethod
    def forward(ctx, x, weight):
        scale = torch.linalg.vector_norm(x, dim=-1, keepdim=True).square_().div_(x.shape[-1]).add_(RMS_EPS).rsqrt_()
        normed = x * scale
        ctx.save_for_backward(normed, scale, weight)
        return normed * weight

    @staticmethod
    def backward(ctx, grad):
        normed, scale, weight = ctx.saved_tensors
        width = normed.shape[-1]
        weighted = grad * normed
        grad_weight = weighted.reshape(-1, width).sum(0)
        dot = (weighted @ weight).unsqueeze(-1).div_(width)
        return torch.addcmul(grad * weight, normed, dot, value=-1).mul_(scale), grad_weight


class SwiGlu(torch.autograd.Function):
    """silu(gate) * up of a fused [.., 2 f] projection."""

    @staticmethod
    def forward(ctx, fused):
        gate, up = fused.chunk(2, -1)
        ctx.save_for_backward(fused)
        return F.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx, grad):
        (fused,) = ctx.saved_tensors
        gate, up = fused.chunk(2, -1)
        out = torch.empty_like(fused)
        half = fused.shape[-1] // 2
        sigmoid = torch.sigmoid(gate)
        torch.mul(sigmoid * gate, grad, out=out[..., half:])
        out[..., :half] = (grad * up) * (sigmoid * (1 + gate * (1 - sigmoid)))
        return out


class Block(nn.Module):
    """One transformer layer; the matrices of k and v and of gate and up are fused."""

    def __init__(self, width, heads, kv_heads, hidden, qkv_bias):
        super().__init__()
        self.heads, self.kv_heads = heads, kv_heads
        kv_width = 2 * kv_heads * (width // heads)
        self.attn_norm = nn.Parameter(torch.ones(width))
        self.ff_norm = nn.Parameter(torch.ones(width))
        self.q = nn.Parameter(torch.empty(width, width))
        self.kv = nn.Parameter(torch.empty(kv_width, width))
        self.q_bias = nn.Parameter(torch.zeros(width)) if qkv_bias else None
        self.kv_bias = nn.Parameter(torch.zeros(kv_width)) if qkv_bias else None
        self.attn_out = nn.Parameter(torch.empty(width, width))
        self.gate_up = nn.Parameter(torch.empty(2 * hidden, width))
        self.ff_out = nn.Parameter(torch.empty(width, hidden))

    def forward(self, x, rope):
        """x [batch, length, width], rope complex [1, length, 1, head / 2].

        Query heads g * r to g * r + r - 1 read KV head g (r = heads / kv_heads), as Qwen2 has it: the r queries of
        a row stand as r rows of one attention problem.
        """
        batch, length, width = x.shape
        kv, repeat, size = self.kv_heads, self.heads // self.kv_heads, width // self.heads
        u = RmsNorm.apply(x, self.attn_norm)
        q = rotate(F.linear(u, self.q, self.q_bias).view(batch, length, self.heads, size), rope)
        k, v = F.linear(u, self.kv, self.kv_bias).view(batch, length, 2 * kv, size).split(kv, 2)
        q = q.view(batch, length, kv, repeat, size).permute(0, 2, 3, 1, 4).reshape(batch * kv, repeat * length, size)
        k = rotate(k, rope).transpose(1, 2).reshape(batch * kv, length, size)
        v = v.transpose(1, 2).reshape(batch * kv, length, size)
        scores = torch.baddbmm(q.new_zeros(1, 1, 1), q, k.transpose(1, 2), beta=0, alpha=size**-0.5)
        mixed = torch.bmm(torch.softmax(scores, -1), v)
        mixed = mixed.view(batch, self.heads, length, size).transpose(1, 2).reshape(batch, length, width)
        x = x + F.linear(mixed, self.attn_out)
        return x + F.linear(SwiGlu.apply(F.linear(RmsNorm.apply(x, self.ff_norm), self.gate_up)), self.ff_out)


def rotate(heads, rope):
    """RoPE of heads [batch, length, n, size]."""
    pairs = torch.view_as_complex(heads.reshape(*heads.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * rope).flatten(-2)


class Model(nn.Module):
    """The whole network, its head tied to the embedding (exported as two tensors). `dims` holds the constructor's arguments, for checkpoints."""

    def __init__(
        self,
        family="llada",
        vocab=1024,
        width=128,
        layers=6,
        heads=4,
        kv_heads=4,
        hidden=384,
        theta=1e4,
        max_length=512,
    ):
        super().__init__()
        self.dims = dict(
            family=family,
            vocab=vocab,
            width=width,
            layers=layers,
            heads=heads,
            kv_heads=kv_heads,
            hidden=hidden,
            theta=theta,
            max_length=max_length,
        )
        dream = family == "dream"
        # The row of the residual stream that predicts position p is p - shift.
        self.shift = 1 if dream else 0
        self.embedding = nn.Parameter(torch.randn(vocab, width) * 0.5)
        self.blocks = nn.ModuleList([Block(width, heads, kv_heads, hidden, dream) for _ in range(layers)])
        # Small, so that the logits of the tied head start near LLaDA's scale.
        self.final_norm = nn.Parameter(torch.full((width,), 0.1))
        for block in self.blocks:
            nn.init.normal_(block.q, std=width**-0.5)
            nn.init.normal_(block.kv, std=width**-0.5)
            nn.init.normal_(block.gate_up, std=width**-0.5)
            # Silent blocks and a tied head: copying a token is then one attention head with an identity map, the
            # same for every token of the vocabulary. With an untied head each word has to be learned by itself.
            nn.init.zeros_(block.attn_out)
            nn.init.zeros_(block.ff_out)
        half = width // heads // 2
        angles = torch.arange(max_length).float()[:, None] * theta ** (-torch.arange(half).float() / half)
        self.rope = torch.polar(torch.ones_like(angles), angles)

    def hidden(self, ids):
        """ids [batch, length] -> residual stream [batch, length, width] after the last block."""
        x = F.embedding(ids, self.embedding)
        rope = self.rope[: ids.shape[1]].view(1, ids.shape[1], 1, -1)
        for block in self.blocks:
            x = block(x, rope)
        return x

    def logits(self, x):
        """Logits of rows of the residual stream, so that training computes them for masked rows only."""
        return F.linear(RmsNorm.apply(x, self.final_norm), self.embedding)

    def forward(self, ids):
        return self.logits(self.hidden(ids))
