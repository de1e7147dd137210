import type { DecodeResult } from '../../decoding/loop.js';
import type { CsvCell } from '../../results/csv.js';
import type { ObservedPass } from './observed-engine.js';
import type { FigureTable, ObservedSample } from './study.js';

/** What one pass predicted for one position. */
export interface Prediction {
  readonly step: number;
  readonly id: number;
  readonly p1: number;
  readonly p2: number;
}

/**
 * How long a token waited: the steps from the first one from which on the prediction was, without a break, the token
 * that was committed, to the first of these whose confidence reaches tau, or to the commit. In these steps the
 * prediction is right and a fixed threshold would not take it.
 *
 * @param predictions Those of the position, by step, up to the pass that committed it.
 */
export function waitOf(
  predictions: readonly Prediction[],
  token: number,
  tau: number,
): { readonly from: number; readonly steps: number } {
  let from = predictions.length - 1;
  while (from > 0 && predictions[from - 1]!.id === token) from--;
  let until = from;
  while (until < predictions.length - 1 && predictions[until]!.p1 < tau) until++;
  return { from: predictions[from]?.step ?? 0, steps: until - from };
}

/** A token that waited, with all that was predicted for its position while its block was decoded. */
interface Waiter {
  readonly sample: ObservedSample;
  readonly position: number;
  readonly token: number;
  readonly committedAt: number;
  readonly from: number;
  readonly steps: number;
  readonly predictions: readonly Prediction[];
}

/** The longest waits of a benchmark that are kept for the timeline. */
const keptTokens = 6;

/** Figures 2 e and 7: right predictions that wait below a fixed threshold, found in the predictions of all passes. */
export class WaitingTokens {
  readonly #tau: number;
  /** By benchmark: tokens by the number of steps that they waited. */
  readonly #waits = new Map<string, Map<number, number>>();
  readonly #longest = new Map<string, Waiter[]>();
  #sample!: ObservedSample;
  #predictions = new Map<number, Prediction[]>();

  constructor(tau: number) {
    this.#tau = tau;
  }

  begin(sample: ObservedSample): void {
    this.#sample = sample;
    this.#predictions = new Map();
  }

  pass({ step, headRows, tokens, result }: ObservedPass): void {
    const { predictsNext, maskId, promptLength } = this.#sample;
    for (const [i, row] of headRows.entries()) {
      const position = predictsNext ? row + 1 : row;
      // A pass that wants no prediction still makes one, of a row that is no mask.
      if (position < promptLength || tokens[position] !== maskId) continue;
      const list = this.#predictions.get(position) ?? [];
      this.#predictions.set(position, list);
      list.push({ step, id: result.best[i]!, p1: result.p1[i]!, p2: result.p2[i]! });
    }
  }

  end({ steps }: DecodeResult): void {
    const { benchmark } = this.#sample;
    const waits = this.#waits.get(benchmark) ?? new Map<number, number>();
    const longest = this.#longest.get(benchmark) ?? [];
    for (const { step, committed } of steps) {
      for (const { position, id } of committed) {
        const predictions = this.#predictions.get(position) ?? [];
        if (predictions.length === 0) continue;
        const wait = waitOf(predictions, id, this.#tau);
        waits.set(wait.steps, (waits.get(wait.steps) ?? 0) + 1);
        longest.push({ sample: this.#sample, position, token: id, committedAt: step, ...wait, predictions });
      }
    }
    longest.sort((a, b) => b.steps - a.steps);
    this.#waits.set(benchmark, waits);
    this.#longest.set(benchmark, longest.slice(0, keptTokens));
    this.#predictions = new Map();
  }

  /** Tokens by how long they waited. */
  histogram(name: string): FigureTable {
    const rows = [...this.#waits].flatMap(([benchmark, waits]) => {
      const tokens = sum(waits.values());
      return [...waits]
        .sort(([a], [b]) => a - b)
        .map(([steps, count]) => ({
          benchmark,
          tau: this.#tau,
          steps,
          tokens: count,
          share: count / tokens,
        }));
    });
    return { name, columns: ['benchmark', 'tau', 'steps', 'tokens', 'share'], rows };
  }

  /** The tokens that waited longest, prediction by prediction. */
  timeline(name: string): FigureTable {
    const rows = this.longest().flatMap((waiter) => {
      const { sample, position, token, committedAt, from, steps, predictions } = waiter;
      return predictions.map((prediction): Record<string, CsvCell> => {
        const { step, id, p1, p2 } = prediction;
        return {
          ...{ benchmark: sample.benchmark, sample: sample.id, position: position - sample.promptLength },
          ...{ token, token_text: sample.text([token]), step, predicted: id },
          ...{ predicted_text: sample.text([id]), right: id === token ? 1 : 0, confidence: p1, second: p2 },
          ...{ tau: this.#tau, waits: step >= from && step < from + steps ? 1 : 0 },
          ...{ waited: steps, committed_at: committedAt },
        };
      });
    });
    return { name, columns: timelineColumns, rows };
  }

  longest(): readonly Waiter[] {
    return [...this.#longest.values()].flat().filter(({ steps }) => steps > 0);
  }

  /** Benchmark, tokens, share that waited at all, mean wait of these, longest wait. */
  summary(): string[][] {
    return [...this.#waits].map(([benchmark, waits]) => {
      const tokens = sum(waits.values());
      const waiting = tokens - (waits.get(0) ?? 0);
      const steps = sum([...waits].map(([wait, count]) => wait * count));
      const mean = waiting === 0 ? '-' : (steps / waiting).toFixed(1);
      return [
        ...[benchmark, String(tokens), `${((100 * waiting) / tokens).toFixed(1)} %`, mean],
        String(Math.max(...waits.keys())),
      ];
    });
  }
}

const timelineColumns = [
  ...[
    'benchmark',
    'sample',
    'position',
    'token',
    'token_text',
    'step',
    'predicted',
    'predicted_text',
    'right',
  ],
  ...['confidence', 'second', 'tau', 'waits', 'waited', 'committed_at'],
];

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
