"""Starts a model from the weights of an exported LLaDA checkpoint, as Dream was started from Qwen2.5."""
from pathlib import Path

import torch

from export import NAMES, read_safetensors


def interleaved(rows, heads):
    """Inverse of export.half_split: rows of q or k [heads * size, width] back to neighbouring pairs."""
    size = rows.shape[0] // heads
    order = [half * (size // 2) + pair for pair in range(size // 2) for half in range(2)]
    return rows.view(heads, size, -1)[:, order].reshape(rows.shape)


def pooled(rows, heads, kv_heads):
    """KV heads [heads * size, width] -> the mean of each group of heads (Ainslie et al. 2023), [kv_heads * size, width]."""
    size, width = rows.shape[0] // heads, rows.shape[1]
    return rows.view(kv_heads, heads // kv_heads, size, width).mean(1).reshape(-1, width)


@torch.no_grad()
def start_from(model, folder):
    """Copies every weight; KV heads are pooled to the model's number of them, biases stay zero."""
    weights = read_safetensors(Path(folder) / "model.safetensors")
    heads, kv_heads = model.dims["heads"], model.dims["kv_heads"]
    names = NAMES["llada"]
    model.embedding.copy_(weights[f"{names['embedding']}.weight"])
    model.final_norm.copy_(weights[f"{names['final_norm']}.weight"])
    for index, block in enumerate(model.blocks):
        part = {part: weights.get(f"{names['layer'].format(index)}{name}.weight") for part, name in names.items()}
        block.q.copy_(interleaved(part["q"], heads))
        k = pooled(interleaved(part["k"], heads), heads, kv_heads)
        block.kv.copy_(torch.cat((k, pooled(part["v"], heads, kv_heads))))
        block.gate_up.copy_(torch.cat((part["gate"], part["up"])))
        for name in ("attn_norm", "attn_out", "ff_norm", "ff_out"):
            getattr(block, name).copy_(part[name])
