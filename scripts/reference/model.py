"""LLaDA's architecture (pre-norm, RMSNorm, RoPE, SwiGLU, no biases, no mask), written for speed on one CPU thread.

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
    """One transformer layer with fused q/k/v and gate/up matrices."""

    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.attn_norm = nn.Parameter(torch.ones(width))
        self.ff_norm = nn.Parameter(torch.ones(width))
        self.qkv = nn.Parameter(torch.empty(3 * width, width))
        self.attn_out = nn.Parameter(torch.empty(width, width))
        self.gate_up = nn.Parameter(torch.empty(2 * hidden, width))
        self.ff_out = nn.Parameter(torch.empty(width, hidden))

    def forward(self, x, rope):
        """x [batch, length, width], rope complex [1, length, 1, head / 2]."""
        batch, length, width = x.shape
        heads, size = self.heads, width // self.heads
        qkv = F.linear(RmsNorm.apply(x, self.attn_norm), self.qkv).view(batch, length, 3, heads, size)
        pairs = torch.view_as_complex(qkv[:, :, :2].reshape(batch, length, 2 * heads, size // 2, 2))
        qk = torch.view_as_real(pairs * rope).view(batch, length, 2, heads, size)
        qk = qk.permute(2, 0, 3, 1, 4).reshape(2, batch * heads, length, size)
        v = qkv[:, :, 2].transpose(1, 2).reshape(batch * heads, length, size)
        scores = torch.baddbmm(qk.new_zeros(1, 1, 1), qk[0], qk[1].transpose(1, 2), beta=0, alpha=size**-0.5)
        mixed = torch.bmm(torch.softmax(scores, -1), v)
        mixed = mixed.view(batch, heads, length, size).transpose(1, 2).reshape(batch, length, width)
        x = x + F.linear(mixed, self.attn_out)
        return x + F.linear(SwiGlu.apply(F.linear(RmsNorm.apply(x, self.ff_norm), self.gate_up)), self.ff_out)


class Model(nn.Module):
    """The whole network, its head tied to the embedding (exported as two tensors). `dims` holds the constructor's arguments, for checkpoints."""

    def __init__(self, vocab=1024, width=128, layers=6, heads=4, hidden=384, theta=1e4, max_length=512):
        super().__init__()
        self.dims = dict(
            vocab=vocab, width=width, layers=layers, heads=heads, hidden=hidden, theta=theta, max_length=max_length
        )
        self.embedding = nn.Parameter(torch.randn(vocab, width) * 0.5)
        self.blocks = nn.ModuleList([Block(width, heads, hidden) for _ in range(layers)])
        # Small, so that the logits of the tied head start near LLaDA's scale.
        self.final_norm = nn.Parameter(torch.full((width,), 0.1))
        for block in self.blocks:
            nn.init.normal_(block.qkv, std=width**-0.5)
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
