import { z } from 'zod';
import type { AdaptivePlan, RowPlan } from '../engine/types.js';
import type { RowFamily } from '../graph/spec.js';
import { type CachePolicy, type Commit, emptyShape, type SampleShape } from './policy.js';
import { interval, promptResponsePlan } from './prompt-response.js';
import { refreshDue } from './rows.js';
import { shiftedWindow } from './window.js';

export const dcuReleasedOptions = z
  .strictObject({
    policy: z.literal('dcu-released'),
    layerBudget: z.number().int().min(0).default(32).meta({
      description:
        'Rows per layer beside the window; floor(32 * B / layers) from the third pass on, since the code takes 32 layers for granted.',
      unit: 'rows',
      source: "Dynamic-dLLM's code: 32 in demo and GSM8K script, 0 as the library's default.",
    }),
    windowSize: z.number().int().min(0).default(32).meta({
      description:
        'Window around the right-most token of the last commit: 2 * floor(w / 2) + 1 positions, moved inside the response.',
      unit: 'rows',
      source: "Dynamic-dLLM's code: 32 in demo and GSM8K script, 0 as the library's default.",
    }),
    selectFrom: z.enum(['v', 'x']).default('v').meta({
      description: 'What is compared with the pass before: V, or the input of the layer.',
      source: "Dynamic-dLLM's code: v in README, demo and GSM8K script; x is the default of the class.",
    }),
    promptInterval: interval.default(5000).meta({
      description: 'Passes between full refreshes of the prompt rows; -1 = every pass.',
      unit: 'passes',
      source: "Dynamic-dLLM's code: 5000 in the GSM8K script (only the first pass), 100 in the demo.",
    }),
    responseInterval: interval.default(5000).meta({
      description: 'Passes between full refreshes of the response rows; -1 = every pass.',
      unit: 'passes',
      source:
        "Dynamic-dLLM's code, gen_interval: 5000 in the GSM8K script (only the first pass), 7 in the demo.",
    }),
  })
  .describe(
    'Dynamic Cache Updating as the released code does it: layer 0 complete at every pass, V of all response rows recomputed, uniform budgets (the softmax of the layer weights is flat), rows ranked outside the window, prompt only at its interval.',
  );

export type DcuReleasedOptions = z.output<typeof dcuReleasedOptions>;

/** Layers that the released code has hard-coded into its total budget. */
const releasedLayers = 32;

/** DCU of the authors' repository (LLaDA hook), batch 1; `methods.md` 3.7.2. */
export class DcuReleasedCache implements CachePolicy {
  readonly rows: RowFamily;
  readonly #options: DcuReleasedOptions;
  #shape: SampleShape = emptyShape;
  /** Passes done; the pass to come is number `#passes + 1`, as in the released counters. */
  #passes = 0;
  /** Right-most position of the last commit; before any commit the last prompt position. */
  #lastSelected = 0;

  constructor(options: DcuReleasedOptions) {
    this.#options = options;
    this.rows = {
      kind: 'adaptive',
      feature: options.selectFrom === 'v' ? 'value' : 'layer-input',
      valueRows: 'listed',
      featureUpdate: 'all',
      storeRaw: options.selectFrom === 'x',
      guardEmpty: false,
      completeFirstLayer: true,
    };
  }

  begin(shape: SampleShape): void {
    this.#shape = shape;
    this.#passes = 0;
    this.#lastSelected = shape.promptLength - 1;
  }

  beforeStep(): RowPlan {
    const { promptLength, length } = this.#shape;
    const refreshResponse = refreshDue(this.#passes, this.#options.responseInterval);
    const plan = promptResponsePlan(this.#shape, {
      refreshPrompt: refreshDue(this.#passes, this.#options.promptInterval),
      refreshResponse,
      window: shiftedWindow(this.#lastSelected, this.#options.windowSize, promptLength, length),
      budget: this.#budget(),
    });
    return { ...plan, ...this.#inputFeature(refreshResponse) };
  }

  /** The second pass takes the budget as it is; later ones the flat share of 32 layers' worth. */
  #budget(): number {
    const { layerBudget } = this.#options;
    return this.#passes < 2 ? layerBudget : Math.floor((releasedLayers * layerBudget) / this.#shape.layers);
  }

  /**
   * With `selectFrom: x` the first pass stores nothing, so the second compares every row with itself; a full
   * refresh of the response stores the raw instead of the normalised input. V never needs either.
   */
  #inputFeature(refreshResponse: boolean): Pick<AdaptivePlan, 'referenceKnown' | 'storeRaw'> {
    if (this.#options.selectFrom === 'v') return {};
    const storeRaw = new Uint8Array(this.#shape.layers).fill(refreshResponse ? 1 : 0);
    storeRaw[0] = 1;
    return { referenceKnown: this.#passes >= 2, storeRaw };
  }

  afterStep(committed: readonly Commit[]): void {
    this.#passes += 1;
    if (committed.length > 0) this.#lastSelected = Math.max(...committed.map(({ position }) => position));
  }
}
