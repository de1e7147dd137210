import type { DecodeResult } from '../../decoding/loop.js';
import type { ObservedPass } from './observed-engine.js';
import { rowChanges } from './row-changes.js';
import { type FigureResult, type FigureStudy, LastPass, type ObservedSample, probed } from './study.js';
import { WaitingTokens } from './waiting-tokens.js';

/** Similarities below which a row counts as one that needs an update. */
export const similarityThresholds = [0.9, 0.95, 0.99, 0.999] as const;

const features = { 'layer-input': 'input', 'attention-output': 'attention' } as const;
const scopes = ['all', 'response'] as const;

/** Rows of one benchmark, feature, scope, layer and step, summed over samples. */
interface Cell {
  readonly benchmark: string;
  readonly feature: keyof typeof features;
  readonly scope: (typeof scopes)[number];
  readonly layer: number;
  readonly step: number;
  rows: number;
  similarity: number;
  readonly below: number[];
}

/**
 * Figure 2 a-d: how alike a row's layer input and attention output are in successive steps, by layer and step, and
 * which share of the rows is less alike than each threshold, that is, would need an update. And 2 e, the tokens that
 * wait (`WaitingTokens`).
 */
export class Figure2 implements FigureStudy {
  readonly probe = ['input', 'attention'] as const;
  readonly #waiting: WaitingTokens;
  readonly #last = new LastPass();
  readonly #cells = new Map<string, Cell>();
  #sample!: ObservedSample;

  /** @param tau The fixed threshold of Figure 2 e. */
  constructor(tau: number) {
    this.#waiting = new WaitingTokens(tau);
  }

  begin(sample: ObservedSample): void {
    this.#sample = sample;
    this.#waiting.begin(sample);
  }

  pass(pass: ObservedPass): void {
    this.#waiting.pass(pass);
    const before = this.#last.swap(pass);
    if (before === undefined) return;
    const { benchmark, promptLength, layers } = this.#sample;
    for (const feature of Object.keys(features) as (keyof typeof features)[]) {
      const [now, then] = [probed(pass, features[feature]), probed(before, features[feature])];
      for (let layer = 0; layer < layers; layer++) {
        const changes = rowChanges(now[layer]!, then[layer]!, pass.tokens.length);
        for (const scope of scopes) {
          const rows = scope === 'all' ? changes : changes.subarray(promptLength);
          this.#add({ benchmark, feature, scope, layer, step: pass.step }, rows);
        }
      }
    }
  }

  #add(at: Pick<Cell, 'benchmark' | 'feature' | 'scope' | 'layer' | 'step'>, changes: Float64Array): void {
    const key = Object.values(at).join(' ');
    const cell = this.#cells.get(key) ?? {
      ...{ ...at, rows: 0, similarity: 0 },
      below: similarityThresholds.map(() => 0),
    };
    this.#cells.set(key, cell);
    cell.rows += changes.length;
    for (const change of changes) {
      cell.similarity += 1 - change;
      for (const [i, threshold] of similarityThresholds.entries()) {
        if (change > 1 - threshold) cell.below[i]! += 1;
      }
    }
  }

  end(result: DecodeResult): void {
    this.#waiting.end(result);
  }

  result(): FigureResult {
    const cells = [...this.#cells.values()];
    const share = (name: number) => `share_below_${name}`;
    const rows = cells.map(({ similarity, below, ...cell }) => ({
      ...cell,
      similarity: similarity / cell.rows,
      ...Object.fromEntries(similarityThresholds.map((t, i) => [share(t), below[i]! / cell.rows])),
    }));
    const columns = ['benchmark', 'feature', 'scope', 'layer', 'step', 'rows', 'similarity'];
    return {
      tables: [
        { name: 'figure2', columns: [...columns, ...similarityThresholds.map(share)], rows },
        this.#waiting.histogram('figure2e'),
      ],
      shown: {
        head: [
          'layer',
          'feature (response rows)',
          'similarity',
          ...similarityThresholds.map((t) => `< ${t}`),
        ],
        rows: byLayer(cells.filter(({ scope }) => scope === 'response')),
      },
    };
  }
}

/** All steps and benchmarks together, one line a layer and feature. */
function byLayer(cells: readonly Cell[]): string[][] {
  const keys = [...new Set(cells.map(({ layer, feature }) => `${layer} ${feature}`))];
  return keys.map((key) => {
    const own = cells.filter(({ layer, feature }) => `${layer} ${feature}` === key);
    const sum = (of: (cell: Cell) => number) => own.reduce((total, cell) => total + of(cell), 0);
    const rows = sum((cell) => cell.rows);
    const { layer, feature } = own[0]!;
    const shares = similarityThresholds.map(
      (_, i) => `${((100 * sum((c) => c.below[i]!)) / rows).toFixed(1)} %`,
    );
    return [String(layer), feature, (sum((c) => c.similarity) / rows).toFixed(4), ...shares];
  });
}
