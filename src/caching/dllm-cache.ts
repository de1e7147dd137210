import { z } from 'zod';
import type { RowPlan } from '../engine/types.js';
import type { RowFamily } from '../graph/spec.js';
import { type CachePolicy, emptyShape, type SampleShape } from './policy.js';
import { interval, promptResponsePlan } from './prompt-response.js';
import { refreshDue } from './rows.js';

export const dllmCacheOptions = z
  .strictObject({
    policy: z.literal('dllm-cache'),
    promptInterval: interval.default(50).meta({
      description: 'Kp: passes between full refreshes of the prompt rows; -1 = every pass.',
      unit: 'passes',
      source:
        "Dynamic-dLLM paper, Appendix B.2: 50 (LLaDA-8B-Instruct), 100 (LLaDA-1.5), 50 (Dream). dLLM-Cache's scripts: one per benchmark.",
    }),
    responseInterval: interval.default(7).meta({
      description: 'Kr: passes between full refreshes of the response rows; -1 = every pass.',
      unit: 'passes',
      source:
        "Dynamic-dLLM paper, Appendix B.2: 7 (LLaDA-8B-Instruct), 6 (LLaDA-1.5), 2 (Dream). dLLM-Cache's scripts: one per benchmark.",
    }),
    updateRatio: z.number().min(0).max(1).default(0.25).meta({
      description: 'rho: response rows recomputed in between, those whose V moved most; 0 = none.',
      unit: 'share of genLength',
      source: "dLLM-Cache's scripts: 0.25 in all.",
    }),
    guidanceInterval: interval.default(1).meta({
      description:
        'With guidance: passes between runs of the unconditional stream, whose difference to the conditional one is kept in between; the first five passes always run it.',
      unit: 'passes',
      source: "dLLM-Cache's code, cfg_interval; default ours (every pass, as the LLaDA sampler).",
    }),
  })
  .describe(
    'dLLM-Cache: K, V, attention and FFN outputs of prompt and response are refreshed at intervals of their own; in between the response rows whose V moved most are recomputed. Layer 0 is always complete, and V of the response is recomputed at every pass.',
  );

export type DllmCacheOptions = z.output<typeof dllmCacheOptions>;

/** Passes at the start of a sample that always run the unconditional stream. */
const alwaysGuided = 5;

/** dLLM-Cache (authors' hooks), batch 1; `methods.md` 3.2. */
export class DllmCache implements CachePolicy {
  readonly rows: RowFamily;
  readonly guidance?: NonNullable<CachePolicy['guidance']>;
  readonly #options: DllmCacheOptions;
  #shape: SampleShape = emptyShape;
  #passes = 0;

  /** @param stream The unconditional stream of guidance has a policy of its own. */
  constructor(options: DllmCacheOptions, stream: 'conditional' | 'unconditional' = 'conditional') {
    this.#options = options;
    if (stream === 'conditional') {
      this.guidance = {
        refreshDue: (pass) => pass < alwaysGuided || refreshDue(pass, options.guidanceInterval),
        unconditional: new DllmCache(options, 'unconditional'),
      };
    }
    const verified = options.updateRatio > 0;
    this.rows = {
      kind: 'adaptive',
      feature: verified ? 'value' : 'none',
      valueRows: verified ? 'listed' : 'selected',
      featureUpdate: 'all',
      storeRaw: false,
      guardEmpty: false,
      completeFirstLayer: true,
    };
  }

  begin(shape: SampleShape): void {
    this.#shape = shape;
    this.#passes = 0;
  }

  beforeStep(): RowPlan {
    const { promptInterval, responseInterval, updateRatio } = this.#options;
    const { valueRows, ...plan } = promptResponsePlan(this.#shape, {
      refreshPrompt: refreshDue(this.#passes, promptInterval),
      refreshResponse: refreshDue(this.#passes, responseInterval),
      window: [],
      budget: Math.trunc(this.#shape.genLength * updateRatio),
    });
    // Without adaptive rows nothing is verified: V of a row moves with its K.
    return updateRatio > 0 && valueRows !== undefined ? { ...plan, valueRows } : plan;
  }

  afterStep(): void {
    this.#passes += 1;
  }
}
