"""Reads a Hugging Face style LLaDA checkpoint (config.json, safetensors) into `model.Model`, in float32."""
import json
import os

import numpy as np
import torch

from .model import Model


def read_safetensors(path):
    """All tensors of one file by name: u64 length of a JSON header, the header, then the bytes it points into."""
    data = np.fromfile(path, dtype=np.uint8)
    size = int(data[:8].view(np.uint64)[0])
    header = json.loads(data[8 : 8 + size].tobytes())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        first, last = (8 + size + offset for offset in entry["data_offsets"])
        tensors[name] = to_float32(data[first:last].copy(), entry["dtype"]).reshape(entry["shape"])
    return tensors


def to_float32(data, dtype):
    if dtype == "F32":
        return torch.from_numpy(data.view(np.float32))
    if dtype == "BF16":
        # The upper half of a float32.
        return torch.from_numpy((data.view(np.uint16).astype(np.uint32) << 16).view(np.float32))
    raise SystemExit(f"{dtype} weights are not read here; use a checkpoint in F32 or BF16.")


def read_weights(folder):
    """The tensors of a single file or of all shards that an index names."""
    index = os.path.join(folder, "model.safetensors.index.json")
    files = ["model.safetensors"]
    if os.path.exists(index):
        with open(index) as file:
            files = sorted(set(json.load(file)["weight_map"].values()))
    weights = {}
    for name in files:
        weights.update(read_safetensors(os.path.join(folder, name)))
    return weights


def load_model(folder):
    """The model of a folder, with all its weights set."""
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    if config["model_type"] != "llada":
        raise SystemExit(f"{folder} is a model of type {config['model_type']}; only llada is written here.")
    model = Model(
        vocab=config.get("embedding_size") or config["vocab_size"],
        width=config["d_model"],
        layers=config["n_layers"],
        heads=config["n_heads"],
        hidden=config["mlp_hidden_size"],
        theta=config["rope_theta"],
        eps=config["rms_norm_eps"],
        max_length=config["max_sequence_length"],
        mask_id=config["mask_token_id"],
    )
    prefix = "model.transformer."
    model.load_state_dict({name[len(prefix) :]: tensor for name, tensor in read_weights(folder).items()})
    return model.eval()
