"""Writes a training checkpoint as a LLaDA or Dream checkpoint: config.json, model.safetensors, generation_config.json.

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
from tokenizer import BOS, EOS, MASK, Tokenizer

# Tensor names of the two families, without the final `.weight`, by the parts of model.py.
NAMES = dict(
    llada=dict(
        embedding="model.transformer.wte",
        final_norm="model.transformer.ln_f",
        head="model.transformer.ff_out",
        layer="model.transformer.blocks.{}.",
        attn_norm="attn_norm",
        q="q_proj",
        k="k_proj",
        v="v_proj",
        attn_out="attn_out",
        ff_norm="ff_norm",
        gate="ff_proj",
        up="up_proj",
        ff_out="ff_out",
    ),
    dream=dict(
        embedding="model.embed_tokens",
        final_norm="model.norm",
        head="lm_head",
        layer="model.layers.{}.",
        attn_norm="input_layernorm",
        q="self_attn.q_proj",
        k="self_attn.k_proj",
        v="self_attn.v_proj",
        attn_out="self_attn.o_proj",
        ff_norm="post_attention_layernorm",
        gate="mlp.gate_proj",
        up="mlp.up_proj",
        ff_out="mlp.down_proj",
    ),
)


def half_split(rows, heads):
    """Reorders rows of q or k [heads * size, ...], biases too: within each head the even rows first, then the odd ones."""
    size = rows.shape[0] // heads
    order = [*range(0, size, 2), *range(1, size, 2)]
    return rows.view(heads, size, -1)[:, order].reshape(rows.shape)


def tensors_of(model):
    """The family's tensor names -> float32 tensors."""
    names = NAMES[model.dims["family"]]
    heads, kv_heads = model.dims["heads"], model.dims["kv_heads"]
    out = {
        f"{names['embedding']}.weight": model.embedding,
        f"{names['final_norm']}.weight": model.final_norm,
        f"{names['head']}.weight": model.embedding,
    }
    for index, block in enumerate(model.blocks):
        prefix = names["layer"].format(index)
        k, v = block.kv.chunk(2)
        gate, up = block.gate_up.chunk(2)
        parts = dict(
            attn_norm=block.attn_norm,
            q=half_split(block.q, heads),
            k=half_split(k, kv_heads),
            v=v,
            attn_out=block.attn_out,
            ff_norm=block.ff_norm,
            gate=gate,
            up=up,
            ff_out=block.ff_out,
        )
        out.update({f"{prefix}{names[part]}.weight": tensor for part, tensor in parts.items()})
        if block.q_bias is not None:
            k_bias, v_bias = block.kv_bias.chunk(2)
            biases = dict(q=half_split(block.q_bias, heads), k=half_split(k_bias, kv_heads), v=v_bias)
            out.update({f"{prefix}{names[part]}.bias": tensor for part, tensor in biases.items()})
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
    """The forward pass as published (half-split RoPE, KV heads repeated), independent of model.py; ids [length]."""
    names = NAMES[dims["family"]]
    width, heads, kv_heads = dims["width"], dims["heads"], dims["kv_heads"]
    size = width // heads
    angles = torch.arange(len(ids)).float()[:, None] * dims["theta"] ** (-torch.arange(0, size, 2).float() / size)
    angles = torch.cat((angles, angles), -1)

    def norm(x, name):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + RMS_EPS) * weights[f"{name}.weight"]

    def linear(x, name):
        return x @ weights[f"{name}.weight"].T + weights.get(f"{name}.bias", 0)

    def rotate(x):
        first, second = x.chunk(2, -1)
        return x * angles.cos()[:, None] + torch.cat((-second, first), -1) * angles.sin()[:, None]

    def repeat(x):
        return x.repeat_interleave(heads // kv_heads, 1)

    x = weights[f"{names['embedding']}.weight"][ids]
    for index in range(dims["layers"]):
        at = {part: names["layer"].format(index) + name for part, name in names.items()}
        y = norm(x, at["attn_norm"])
        q, k, v = (linear(y, at[part]).view(len(ids), -1, size) for part in "qkv")
        scores = torch.einsum("ihd,jhd->hij", rotate(q), repeat(rotate(k))) * size**-0.5
        mixed = torch.einsum("hij,jhd->ihd", torch.softmax(scores, -1), repeat(v)).reshape(-1, width)
        x = x + linear(mixed, at["attn_out"])
        y = norm(x, at["ff_norm"])
        x = x + linear(F.silu(linear(y, at["gate"])) * linear(y, at["up"]), at["ff_out"])
    return linear(norm(x, names["final_norm"]), names["head"])


def llada_config(dims):
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


def dream_config(dims):
    """Dream-v0-Instruct-7B's keys with this model's dimensions."""
    return dict(
        architectures=["DreamModel"],
        attention_dropout=0.0,
        auto_map=dict(
            AutoConfig="configuration_dream.DreamConfig",
            AutoModel="modeling_dream.DreamModel",
        ),
        bos_token_id=BOS,
        eos_token_id=EOS,
        hidden_act="silu",
        hidden_size=dims["width"],
        initializer_range=0.02,
        intermediate_size=dims["hidden"],
        mask_token_id=MASK,
        max_position_embeddings=dims["max_length"],
        max_window_layers=dims["layers"],
        model_type="Dream",
        num_attention_heads=dims["heads"],
        num_hidden_layers=dims["layers"],
        num_key_value_heads=dims["kv_heads"],
        pad_token_id=EOS,
        rms_norm_eps=RMS_EPS,
        rope_scaling=None,
        rope_theta=dims["theta"],
        sliding_window=None,
        tie_word_embeddings=False,
        torch_dtype="float32",
        transformers_version="4.46.2",
        use_cache=True,
        use_sliding_window=False,
        vocab_size=dims["vocab"],
    )


CONFIGS = dict(llada=llada_config, dream=dream_config)


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
    (out / "config.json").write_text(json.dumps(CONFIGS[model.dims["family"]](model.dims), indent=2) + "\n", encoding="utf-8")
    generation = dict(eos_token_id=EOS, pad_token_id=EOS, mask_token_id=MASK)
    (out / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n", encoding="utf-8")
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    print(f"{weights}: {weights.stat().st_size} bytes, sha256 {digest}, {saved['tokens']} tokens, |dlogit| {difference:.1e}")


if __name__ == "__main__":
    main()
