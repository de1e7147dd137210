"""LLaDA's own sampler at temperature 0 (methods.md 2.1), without a cache."""
import torch
import torch.nn.functional as F

from .passes import commit_best, new_canvas, quota, spans


@torch.no_grad()
def generate(model, prompt, passes, length, block, steps):
    """One token's logits are asked of every row of the canvas, in every pass; softmax in the precision of the logits."""
    x = new_canvas(model, prompt, length)
    passes.start()
    for start, end, block_steps in spans(len(prompt), length, block, steps):
        for count in quota(int((x[:, start:end] == model.mask_id).sum()), block_steps):
            masked = x == model.mask_id
            logits = model(x)
            best = logits.argmax(-1)
            confidence = F.softmax(logits, -1).gather(-1, best[..., None]).squeeze(-1)
            confidence[:, end:] = -torch.inf
            best = torch.where(masked, best, x)
            confidence = torch.where(masked, confidence, torch.tensor(-torch.inf))
            passes.sees(0, confidence, logits)
            commit_best(x, best, confidence, count)
            passes.done(x)
    return x
