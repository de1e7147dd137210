"""Writes a training checkpoint as a LLaDA checkpoint: config.json, model.safetensors, generation_config.json.

RoPE's interleaved pairs become the half-split pairs of the published model by a permutation of the rows of q and k
within each head. The file is read back and its logits are compared with those of the trained network.
"""
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from model import RMS_EPS, Model
from tokenizer import EOS, MASK, Tokenizer

PREFIX = "model.transformer"


def half_split(rows, heads):
    """Reorders q or k rows [width, width]: within each head the even rows first, then the odd ones."""
    size = rows.shape[0] // heads
    order = [*range(0, size, 2), *range(1, size, 2)]
    return rows.view(heads, size, -1)[:, order].reshape(rows.shape)


def tensors_of(model):
    """LLaDA's tensor names -> float32 tensors."""
    heads = model.dims["heads"]
    out = {f"{PREFIX}.wte.weight": model.embedding, f"{PREFIX}.ln_f.weight": model.final_norm}
    out[f"{PREFIX}.ff_out.weight"] = model.embedding
    for index, block in enumerate(model.blocks):
        q, k, v = block.qkv.chunk(3)
        gate, up = block.gate_up.chunk(2)
        parts = dict(
            attn_norm=block.attn_norm,
            q_proj=half_split(q, heads),
            k_proj=half_split(k, heads),
            v_proj=v,
            attn_out=block.attn_out,
            ff_norm=block.ff_norm,
            ff_proj=gate,
            up_proj=up,
            ff_out=block.ff_out,
        )
        out.update({f"{PREFIX}.blocks.{index}.{name}.weight": tensor for name, tensor in parts.items()})
    return {name: tensor.detach().contiguous() for name, tensor in out.items()}


def write_safetensors(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in sorted(tensors.items()):
        end = offset + 4 * tensor.numel()
        header[name] = dict(dtype="F32", shape=list(tensor.shape), data_offsets=[offset, end])
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, tensor in sorted(tensors.items()):
            file.write(tensor.numpy().astype("<f4").tobytes())


def read_safetensors(path):
    data = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    body = data[8 + size :]
    return {
        name: torch.from_numpy(np.frombuffer(body[slice(*entry["data_offsets"])], "<f4").copy()).view(entry["shape"])
        for name, entry in header.items()
    }


def reference_logits(weights, dims, ids):
    """LLaDA's forward pass as published (half-split RoPE), written independently of model.py; ids [length]."""
    width, heads = dims["width"], dims["heads"]
    size = width // heads
    angles = torch.arange(len(ids)).float()[:, None] * dims["theta"] ** (-torch.arange(0, size, 2).float() / size)
    angles = torch.cat((angles, angles), -1)

    def norm(x, weight):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + RMS_EPS) * weight

    def rotate(x):
        first, second = x.chunk(2, -1)
        return x * angles.cos()[:, None] + torch.cat((-second, first), -1) * angles.sin()[:, None]

    x = weights[f"{PREFIX}.wte.weight"][ids]
    for index in range(dims["layers"]):
        part = {
            name: weights[f"{PREFIX}.blocks.{index}.{name}.weight"]
            for name in "attn_norm q_proj k_proj v_proj attn_out ff_norm ff_proj up_proj ff_out".split()
        }
        y = norm(x, part["attn_norm"])
        q, k, v = ((y @ part[name].T).view(-1, heads, size) for name in ("q_proj", "k_proj", "v_proj"))
        scores = torch.einsum("ihd,jhd->hij", rotate(q), rotate(k)) * size**-0.5
        mixed = torch.einsum("hij,jhd->ihd", torch.softmax(scores, -1), v).reshape(-1, width)
        x = x + mixed @ part["attn_out"].T
        y = norm(x, part["ff_norm"])
        x = x + (F.silu(y @ part["ff_proj"].T) * (y @ part["up_proj"].T)) @ part["ff_out"].T
    return norm(x, weights[f"{PREFIX}.ln_f.weight"]) @ weights[f"{PREFIX}.ff_out.weight"].T


def config_of(dims):
    """LLaDA-8B-Instruct's keys with this model's dimensions."""
    return dict(
        activation_type="silu",
        alibi=False,
        alibi_bias_max=8.0,
        architectures=["LLaDAModelLM"],
        attention_dropout=0.0,
        attention_layer_norm=False,
        attention_layer_norm_with_affine=True,
        auto_map=dict(
            AutoConfig="configuration_llada.LLaDAConfig",
            AutoModel="modeling_llada.LLaDAModelLM",
            AutoModelForCausalLM="modeling_llada.LLaDAModelLM",
        ),
        bias_for_layer_norm=False,
        block_group_size=1,
        block_type="llama",
        d_model=dims["width"],
        embedding_dropout=0.0,
        embedding_size=dims["vocab"],
        eos_token_id=EOS,
        flash_attention=False,
        include_bias=False,
        include_qkv_bias=False,
        init_cutoff_factor=None,
        init_device="meta",
        init_fn="mitchell",
        init_std=0.02,
        input_emb_norm=False,
        layer_norm_type="rms",
        layer_norm_with_affine=True,
        mask_token_id=MASK,
        max_sequence_length=dims["max_length"],
        mlp_hidden_size=dims["hidden"],
        mlp_ratio=4,
        model_type="llada",
        multi_query_attention=None,
        n_heads=dims["heads"],
        n_kv_heads=dims["heads"],
        n_layers=dims["layers"],
        pad_token_id=EOS,
        precision="amp_bf16",
        residual_dropout=0.0,
        rms_norm_eps=RMS_EPS,
        rope=True,
        rope_full_precision=True,
        rope_theta=dims["theta"],
        scale_logits=False,
        torch_dtype="float32",
        transformers_version="4.46.3",
        use_cache=False,
        vocab_size=dims["vocab"],
        weight_tying=False,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="/tmp/train/run/checkpoint.pt")
    parser.add_argument("--out", default="models/reference", help="folder that holds tokenizer.json already")
    args = parser.parse_args()
    torch.set_num_threads(1)
    saved = torch.load(args.checkpoint)
    model = Model(**saved["dims"])
    model.load_state_dict(saved["model"])
    out = Path(args.out)
    weights = out / "model.safetensors"
    write_safetensors(out / "model.safetensors.tmp", tensors_of(model))
    ids = Tokenizer.load(out / "tokenizer.json").chat("What is the capital of Spain?") + [MASK] * 64
    with torch.no_grad():
        own = model(torch.tensor([ids]))[0]
        theirs = reference_logits(read_safetensors(out / "model.safetensors.tmp"), model.dims, torch.tensor(ids))
    difference = (own - theirs).abs().max().item()
    if difference > 1e-3:
        raise SystemExit(f"exported logits differ by {difference:.2e}")
    os.replace(out / "model.safetensors.tmp", weights)
    (out / "config.json").write_text(json.dumps(config_of(saved["dims"]), indent=2) + "\n", encoding="utf-8")
    generation = dict(eos_token_id=EOS, pad_token_id=EOS, mask_token_id=MASK)
    (out / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n", encoding="utf-8")
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    print(f"{weights}: {weights.stat().st_size} bytes, sha256 {digest}, {saved['tokens']} tokens, |dlogit| {difference:.1e}")


if __name__ == "__main__":
    main()
