"""Which program stands for a method of `repro`: the names and options are those of its configs (cache, unmask)."""
from . import dllm_cache, dynamic_dllm, fast_dllm, paper, vanilla


def run(model, prompt, cache, unmask, generation, passes):
    """Decodes one sample into `passes`. @raises KeyError for a policy or rule that is not written here."""
    policy, rule = cache["policy"], unmask["rule"]
    fixed = rule in ("model", "quota")
    size = dict(
        length=generation["genLength"], block=generation["blockLength"], steps=generation["steps"], passes=passes
    )
    if policy == "dual" or rule == "threshold":
        generate = {"none": fast_dllm.generate, "dual": fast_dllm.generate_dual}[policy]
        return generate(model, prompt, threshold=None if fixed else unmask["tau"], **size)
    if policy == "none" and fixed:
        return vanilla.generate(model, prompt, **size)
    make_cache = HOOKS[policy](cache, generation)
    if fixed:
        return dllm_cache.generate(model, prompt, make_cache=make_cache, **size)
    thresholds = THRESHOLDS[rule](unmask)
    return dynamic_dllm.generate_pd(model, prompt, thresholds=thresholds, make_cache=make_cache, **size)


def dllm_cache_of(options, generation):
    return lambda layers, prompt_length: dllm_cache.DllmCache(
        layers, prompt_length, options["promptInterval"], options["responseInterval"], options["updateRatio"]
    )


def released_cache_of(options, generation):
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
    return lambda layers, prompt_length: paper.DcuCache(layers, budget, window)


# Of a policy what makes the stand-in for the blocks' forward; None = there is none.
HOOKS = {
    "none": lambda options, generation: None,
    "dllm-cache": dllm_cache_of,
    "dcu-released": released_cache_of,
    "dcu": dcu_of,
}

THRESHOLDS = {
    "apd-released": lambda o: dynamic_dllm.Thresholds(o["mode"], o["tau0"], o["alpha"], o["beta"]),
    "apd": lambda o: paper.TokenThresholds(o["tau0"], o["alpha"], o["beta"]),
}
