"""Which program stands for a method of `repro`: the names and options are those of its configs (cache, unmask)."""
from . import dllm_cache, dynamic_dllm, fast_dllm, paper, vanilla


def run(model, prompt, cache, unmask, generation, passes):
    """Decodes one sample into `passes`. @raises ValueError for a method that is not written here."""
    size = dict(
        length=generation["genLength"], block=generation["blockLength"], steps=generation["steps"], passes=passes
    )
    policy, rule = cache["policy"], unmask["rule"]
    fixed = rule in ("model", "quota")
    if rule == "threshold" or (fixed and policy == "dual"):
        tau = None if fixed else unmask["tau"]
        if policy == "none":
            return fast_dllm.generate(model, prompt, threshold=tau, **size)
        if policy == "dual":
            return fast_dllm.generate_dual(model, prompt, threshold=tau, **size)
    if policy == "none" and fixed:
        return vanilla.generate(model, prompt, **size)
    if policy == "dllm-cache" and fixed:
        return dllm_cache.generate(model, prompt, make_cache=dllm_cache_of(cache), **size)
    if policy == "dcu-released" and fixed:
        return dllm_cache.generate(model, prompt, make_cache=released_cache_of(cache), **size)
    if rule == "apd-released" and policy in ("none", "dcu-released"):
        thresholds = dynamic_dllm.Thresholds(unmask["mode"], unmask["tau0"], unmask["alpha"], unmask["beta"])
        make_cache = None if policy == "none" else released_cache_of(cache)
        return dynamic_dllm.generate_pd(model, prompt, thresholds=thresholds, make_cache=make_cache, **size)
    if policy in ("none", "dcu") and (fixed or rule == "apd"):
        thresholds = None if fixed else paper.TokenThresholds(unmask["tau0"], unmask["alpha"], unmask["beta"])
        make_cache = None if policy == "none" else dcu_of(cache, generation)
        return paper.generate(model, prompt, thresholds=thresholds, make_cache=make_cache, **size)
    raise ValueError(f"cache policy {policy} with unmask rule {rule} is not written in PyTorch here")


def dllm_cache_of(options):
    return lambda layers, prompt_length: dllm_cache.DllmCache(
        layers, prompt_length, options["promptInterval"], options["responseInterval"], options["updateRatio"]
    )


def released_cache_of(options):
    return lambda layers, prompt_length: dynamic_dllm.DynamicCache(
        layers,
        prompt_length,
        options["promptInterval"],
        options["responseInterval"],
        options["layerBudget"],
        options["windowSize"],
        options["selectFrom"],
    )


def dcu_of(options, generation):
    share = generation["genLength"] // 8
    budget, window = (share, share) if options["auto"] else (options["layerBudget"], options["windowSize"])
    return lambda layers: paper.DcuCache(layers, budget, window)
