import { type CacheOptions, cacheOptions } from '../caching/registry.js';
import { type UnmaskOptions, unmaskOptions } from '../decoding/rules/registry.js';
import { type Generation, generationOptions, resolveGeneration } from '../decoding/settings.js';

/** A recorded run in our terms. */
export interface MappedRun {
  /** Our method id. */
  readonly method: string;
  readonly cache: CacheOptions;
  readonly unmask: UnmaskOptions;
  readonly generation: Generation;
}

type Params = Readonly<Record<string, unknown>>;

interface MappedMethod {
  readonly method: string;
  readonly cache?: Record<string, unknown>;
  readonly unmask?: Record<string, unknown>;
  readonly cfg?: unknown;
  readonly dream?: Record<string, unknown>;
}

/** Recorded methods that are built, by the name in the vectors (design.md 5). */
const mappings: Readonly<Record<string, (p: Params) => MappedMethod>> = {
  'llada.vanilla': (p) => ({ method: 'vanilla', cfg: p.cfg_scale ?? 0 }),
  'fastdllm.llada.nocache': (p) =>
    p.threshold === null
      ? { method: 'vanilla' }
      : { method: 'fast-dllm-parallel', unmask: { rule: 'threshold', tau: p.threshold } },
  'fastdllm.llada.prefix': (p) => fastDllm('prefix', p.threshold),
  'fastdllm.llada.dual': (p) => fastDllm('dual', p.threshold),
  'dllmcache.llada': dllmCache,
  'dream.vanilla': dreamVanilla,
  'fastdllm.dream.block': (p) =>
    withDream(
      p,
      fastDllm(
        p.dual_cache === true ? 'dual' : 'prefix',
        p.alg === 'confidence_threshold' ? p.threshold : null,
      ),
    ),
  'dkvcache.dream': (p) =>
    withDream(
      p,
      p.cache_type === 'prefill'
        ? { method: 'dkv-cache-prefill', cache: { policy: 'dkv-prefill', shiftType: p.shift_type } }
        : {
            method: 'dkv-cache',
            cache: { policy: 'dkv-decode', refreshInterval: p.cache_steps, shiftType: p.shift_type },
          },
    ),
  'dkvcache.dream.pd': (p) =>
    withDream(p, {
      method: 'dkv-cache-pd',
      cache: { policy: 'dkv-pd', refreshInterval: p.cache_steps, shiftType: p.shift_type },
    }),
  'dllmcache.dream': (p) => withDream(p, dllmCache(p)),
  'dkvcache.llada.decode': (p) => ({
    method: 'dkv-cache',
    cache: { policy: 'dkv-decode', refreshInterval: p.cache_reloading_step },
  }),
  'dkvcache.llada.greedy': (p) => ({
    method: 'dkv-cache-greedy',
    cache: { policy: 'dkv-greedy', refreshInterval: p.cache_reloading_step, window: p.window_size },
    unmask: { rule: 'random-order' },
  }),
  'dynamicdllm.released.generate': (p) => ({ method: 'dynamic-dllm-released', cache: releasedCache(p) }),
  'dynamicdllm.released.pd': (p) => ({
    method: 'dynamic-dllm-released-pd',
    ...(p.use_cache === false ? {} : { cache: releasedCache(p) }),
    unmask: { rule: 'apd-released', mode: p.pd_mode, tau0: p.pd_threshold, alpha: p.alpha, beta: p.beta },
  }),
  'dynamicdllm.paper-reading': paperReading,
};

function dllmCache(p: Params): MappedMethod {
  return {
    method: 'dllm-cache',
    cache: {
      policy: 'dllm-cache',
      promptInterval: p.prompt_interval,
      responseInterval: p.gen_interval,
      updateRatio: p.transfer_ratio,
      ...defined({ guidanceInterval: p.cfg_interval }),
    },
    cfg: p.cfg_scale ?? 0,
  };
}

function dreamVanilla(p: Params): MappedMethod {
  if (p.alg !== 'confidence_threshold') return withDream(p, { method: 'vanilla' });
  return { method: 'fast-dllm-parallel', unmask: { rule: 'threshold', tau: p.threshold } };
}

/** Dream's sampler settings, where the vector has them. */
function withDream(p: Params, method: MappedMethod): MappedMethod {
  const alg = p.alg === 'confidence_threshold' ? undefined : String(p.alg).replace('_', '-');
  return { ...method, dream: defined({ alg, eps: p.eps }) };
}

function fastDllm(policy: 'prefix' | 'dual', threshold: unknown): MappedMethod {
  const [fixed, parallel] =
    policy === 'prefix'
      ? ['fast-dllm-prefix', 'fast-dllm-prefix-parallel']
      : ['fast-dllm', 'fast-dllm-dual-parallel'];
  if (threshold === null) return { method: fixed!, cache: { policy } };
  return { method: parallel!, cache: { policy }, unmask: { rule: 'threshold', tau: threshold } };
}

function releasedCache(p: Params): Record<string, unknown> {
  return {
    policy: 'dcu-released',
    windowSize: p.window_size,
    layerBudget: p.layer_budget,
    selectFrom: p.select_from,
    promptInterval: p.prompt_interval,
    responseInterval: p.gen_interval,
  };
}

function paperReading(p: Params): MappedMethod {
  const reading = (p.reading ?? {}) as Params;
  const dcu = p.dcu as Params | null | undefined;
  const apd = p.apd as Params | null | undefined;
  const cache = dcu && {
    policy: 'dcu',
    layerBudget: dcu.layer_budget,
    windowSize: dcu.window,
    ...defined({
      compare: reading.compare,
      rounding: reading.rounding,
      budgetExcludesWindow: reading.budget_excludes_window,
      windowEdge: reading.window_edge,
      keyToken: reading.key_token,
      scope: reading.scope,
    }),
  };
  const unmask = apd && {
    rule: 'apd',
    tau0: apd.tau,
    alpha: apd.alpha,
    beta: apd.beta,
    ...defined({ adaptFrom: reading.adapt_from }),
  };
  const method = cache ? (unmask ? 'dynamic-dllm-apd' : 'dynamic-dllm') : 'apd';
  return { method, ...(cache ? { cache } : {}), ...(unmask ? { unmask } : {}) };
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/**
 * Our run for a recorded method.
 * @returns undefined for a method that is not built yet, a sentence for parameters that are not understood.
 */
export function mapRun(method: string, params: Params): MappedRun | string | undefined {
  const map = Object.hasOwn(mappings, method) ? mappings[method] : undefined;
  if (map === undefined) return undefined;
  const mapped = map(params);
  const cache = cacheOptions.safeParse(mapped.cache ?? { policy: 'none' });
  const unmask = unmaskOptions.safeParse(
    mapped.unmask ?? { rule: method === 'dynamicdllm.paper-reading' ? 'quota' : 'model' },
  );
  const generation = generationOptions.safeParse({
    genLength: params.gen_length,
    blockLength: params.block_length ?? params.gen_length,
    steps: params.steps,
    cfg: mapped.cfg ?? 0,
    ...(mapped.dream === undefined ? {} : { dream: mapped.dream }),
  });
  for (const parsed of [cache, unmask, generation]) {
    if (parsed.success) continue;
    const issue = parsed.error.issues[0]!;
    return `params: ${issue.path.join('.')}: ${issue.message}`;
  }
  return {
    method: mapped.method,
    cache: cache.data!,
    unmask: unmask.data!,
    generation: resolveGeneration(generation.data!),
  };
}
