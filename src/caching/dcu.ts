import { z } from 'zod';
import type { AdaptivePlan, RowPlan, StepResult } from '../engine/types.js';
import type { RowFamily } from '../graph/spec.js';
import { layerBudgets } from './dcu-budget.js';
import { ourReading } from './option-facts.js';
import { type CachePolicy, type Commit, emptyShape, type SampleShape } from './policy.js';
import { unreadPrompt } from './prompt-response.js';
import { clippedWindow, shiftedWindow } from './window.js';

export const dcuOptions = z
  .strictObject({
    policy: z.literal('dcu'),
    auto: z.boolean().default(false).meta({
      description: 'Set layerBudget and windowSize to floor(genLength / 8).',
      source:
        "Dynamic-dLLM paper, Appendix E.1 (256 -> 32, 512 -> 64, 1024 -> 128). The authors' code has no such option.",
    }),
    layerBudget: z.number().int().min(0).default(32).meta({
      description:
        'B_layer: rows that a layer recomputes in a step, as the mean over layers; eq. 6 shares layers * B_layer out.',
      unit: 'rows',
      source: 'Dynamic-dLLM paper, eq. 6; 32 for 256 tokens in Section 4.1 and Appendix B.2.',
    }),
    windowSize: z.number().int().min(0).default(32).meta({
      description:
        'B_window: width of the window around the key token, 2 * floor(W / 2) + 1 positions with the token itself.',
      unit: 'rows',
      source: 'Dynamic-dLLM paper, eq. 7; 32 for 256 tokens in Section 4.1 and Appendix B.2.',
    }),
    compare: z
      .enum(['adjacent', 'cached'])
      .default('adjacent')
      .meta({
        description:
          'adjacent: the stored layer input of every token is replaced in every step; cached: only that of the recomputed tokens.',
        source: `Dynamic-dLLM paper, eq. 4, compares steps t and t+1. ${ourReading}.`,
      }),
    rounding: z
      .enum(['floor', 'round', 'largest_remainder'])
      .default('floor')
      .meta({
        description: 'How the budgets of eq. 6 become whole rows.',
        source: `Not stated in the paper. ${ourReading}.`,
      }),
    budgetExcludesWindow: z
      .boolean()
      .default(false)
      .meta({
        description:
          'false: the budget ranks all tokens and is united with the window; true: it ranks the tokens outside the window.',
        source: `Dynamic-dLLM paper: false by Algorithm 1, true by the sentence after eq. 7. ${ourReading}.`,
      }),
    windowEdge: z
      .enum(['clip', 'shift'])
      .default('clip')
      .meta({
        description: 'At the ends of the sequence the window is cut, or moved inside.',
        source: `Not stated in the paper. ${ourReading}.`,
      }),
    keyToken: z
      .enum(['most_confident', 'all', 'last_position'])
      .default('most_confident')
      .meta({
        description:
          'The centre of the window where a step revealed several tokens: the most confident one, a window around each, or the last position.',
        source: `The paper assumes one token a step; its framework figure marks the most confident one. ${ourReading}.`,
      }),
    scope: z
      .enum(['all', 'gen'])
      .default('all')
      .meta({
        description:
          'all: the prompt takes part in distances, means and candidates; gen: the response only, and prompt rows stay as the first step left them.',
        source: `Dynamic-dLLM paper, eq. 5: N is the sequence length. ${ourReading}.`,
      }),
  })
  .describe(
    'Dynamic Cache Updating as the paper states it: per layer, the rows whose input moved most, under a budget shared between layers by eq. 6, and a window around the last revealed token; K, V, attention and FFN output of all other rows come from the cache.',
  );

export type DcuOptions = z.output<typeof dcuOptions>;

/** Dynamic Cache Updating of Dynamic-dLLM, paper reading (`conformance/README.md` section 4). */
export class DcuCache implements CachePolicy {
  readonly rows: RowFamily;
  readonly #options: DcuOptions;
  #shape: SampleShape = emptyShape;
  #layerBudget = 0;
  #windowSize = 0;
  #passes = 0;
  #means: Float64Array | undefined;
  #lastCommitted: readonly Commit[] = [];

  constructor(options: DcuOptions) {
    this.#options = options;
    this.rows = {
      kind: 'adaptive',
      feature: 'layer-input',
      valueRows: 'selected',
      featureUpdate: options.compare === 'adjacent' ? 'all' : 'selected',
      storeRaw: false,
      guardEmpty: false,
    };
  }

  begin(shape: SampleShape): void {
    const { auto, layerBudget, windowSize } = this.#options;
    this.#shape = shape;
    this.#layerBudget = auto ? Math.floor(shape.genLength / 8) : layerBudget;
    this.#windowSize = auto ? Math.floor(shape.genLength / 8) : windowSize;
    this.#passes = 0;
    this.#means = undefined;
    this.#lastCommitted = [];
  }

  beforeStep(): RowPlan {
    return this.#passes === 0 ? this.#fullPass() : this.#partialPass();
  }

  #fullPass(): AdaptivePlan {
    const { length, layers } = this.#shape;
    return {
      kind: 'adaptive',
      mandatory: new Uint8Array(layers * length).fill(1),
      candidates: new Uint8Array(length),
      scope: this.#scope(),
      budgets: new Int32Array(layers),
    };
  }

  #partialPass(): AdaptivePlan {
    const { length, layers } = this.#shape;
    const window = this.#window();
    const candidates = this.#scope();
    if (this.#options.budgetExcludesWindow) for (const i of window) candidates[i] = 0;
    const mandatory = new Uint8Array(layers * length);
    for (let l = 0; l < layers; l++) for (const i of window) mandatory[l * length + i] = 1;
    const available = candidates.reduce((a, b) => a + b, 0);
    const { rounding } = this.#options;
    const budgets = layerBudgets(this.#layerBudget, layers, this.#means, rounding, available);
    const unread = this.#options.scope === 'gen' ? unreadPrompt(this.#shape) : 0;
    return { kind: 'adaptive', mandatory, candidates, scope: this.#scope(), budgets, unread };
  }

  #scope(): Uint8Array {
    const { length, promptLength } = this.#shape;
    const scope = new Uint8Array(length).fill(1);
    if (this.#options.scope === 'gen') scope.fill(0, 0, promptLength);
    return scope;
  }

  /** Positions of eq. 7 around the key token(s) of the last commit; none if the last pass revealed nothing. */
  #window(): Set<number> {
    const { length, promptLength } = this.#shape;
    const { windowEdge, scope } = this.#options;
    const around = windowEdge === 'clip' ? clippedWindow : shiftedWindow;
    const first = scope === 'gen' ? promptLength : 0;
    const positions = this.#keyTokens().flatMap((p) => around(p, this.#windowSize, 0, length));
    return new Set(positions.filter((i) => i >= first));
  }

  #keyTokens(): number[] {
    const commits = this.#lastCommitted;
    if (commits.length === 0) return [];
    switch (this.#options.keyToken) {
      case 'all':
        return commits.map(({ position }) => position);
      case 'last_position':
        return [Math.max(...commits.map(({ position }) => position))];
      case 'most_confident': {
        const better = (a: Commit, b: Commit) =>
          b.confidence > a.confidence || (b.confidence === a.confidence && b.position < a.position) ? b : a;
        return [commits.reduce(better).position];
      }
    }
  }

  afterStep(committed: readonly Commit[], result: StepResult): void {
    // The means of the first, full pass compare with nothing: s exists from the second pass on.
    if (this.#passes > 0) this.#means = result.layerMeans;
    this.#passes += 1;
    this.#lastCommitted = committed;
  }
}
