import type { CsvCell } from '../../results/csv.js';
import type { ObservedPass } from './observed-engine.js';
import { rowChanges } from './row-changes.js';
import { type FigureResult, type FigureStudy, LastPass, type ObservedSample, probed } from './study.js';

/** Distances beyond this one, to either side, are left out. */
export const farthest = 64;

/** Panels a, b and c. */
const measures = ['layer-input-change', 'attention-output-change', 'attention-to-key'] as const;

/** Sums over rows and steps at one signed distance, `2 * farthest + 1` of them. */
interface Profile {
  readonly benchmark: string;
  readonly measure: (typeof measures)[number];
  readonly layer: number;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/**
 * Figure 5: what rows near the key token do. The key token of a step is the position that the step before unmasked
 * (of several the most confident one). By signed distance from it: how much a row's layer input (a) and attention
 * output (b) changed from the step before, `1 - cos`, and how much attention the row pays to it (c, mean over heads).
 */
export class Figure5 implements FigureStudy {
  readonly probe = ['input', 'attention', 'attention-weights'] as const;
  readonly #last = new LastPass();
  readonly #profiles = new Map<string, Profile>();
  #sample!: ObservedSample;

  begin(sample: ObservedSample): void {
    this.#sample = sample;
  }

  pass(pass: ObservedPass): void {
    const before = this.#last.swap(pass);
    if (before === undefined) return;
    const key = keyToken(before, pass.tokens, this.#sample);
    if (key === undefined) return;
    const length = pass.tokens.length;
    for (let layer = 0; layer < this.#sample.layers; layer++) {
      const changes = (kind: 'input' | 'attention') =>
        rowChanges(probed(pass, kind)[layer]!, probed(before, kind)[layer]!, length);
      const weights = probed(pass, 'attention-weights')[layer]!;
      const attention = Float64Array.from({ length }, (_, row) => weights[row * length + key]!);
      const panels = [changes('input'), changes('attention'), attention] as const;
      for (const [i, measure] of measures.entries()) this.#add(measure, layer, panels[i]!, key);
    }
  }

  #add(measure: Profile['measure'], layer: number, values: Float64Array, key: number): void {
    const { benchmark } = this.#sample;
    const name = `${benchmark} ${measure} ${layer}`;
    const empty = () => new Float64Array(2 * farthest + 1);
    const profile = this.#profiles.get(name) ?? {
      ...{ benchmark, measure, layer, sums: empty(), counts: empty() },
    };
    this.#profiles.set(name, profile);
    const last = Math.min(values.length - 1, key + farthest);
    for (let row = Math.max(0, key - farthest); row <= last; row++) {
      profile.sums[row - key + farthest]! += values[row]!;
      profile.counts[row - key + farthest]! += 1;
    }
  }

  end(): void {}

  result(): FigureResult {
    const profiles = [...this.#profiles.values()];
    const rows = profiles.flatMap(({ benchmark, measure, layer, sums, counts }) =>
      Array.from(counts, (n, i): Record<string, CsvCell> => {
        return { benchmark, measure, layer, distance: i - farthest, rows: n, mean: sums[i]! / n };
      }).filter(({ rows: n }) => n !== 0),
    );
    return {
      tables: [
        { name: 'figure5', columns: ['benchmark', 'measure', 'layer', 'distance', 'rows', 'mean'], rows },
      ],
      shown: {
        head: ['mean over layers at a distance of', ...bands.map(([low, high]) => bandName(low, high))],
        rows: measures.map((measure) => [
          measure,
          ...bands.map(([low, high]) => bandMean(profiles, measure, low, high)),
        ]),
      },
    };
  }
}

/**
 * The position that a pass unmasked, from the canvases before and after it; of several the one that it was most
 * confident of, of equals the lowest. Undefined where it unmasked none.
 */
export function keyToken(
  { tokens: before, headRows, result }: ObservedPass,
  after: Int32Array,
  { maskId, predictsNext }: Pick<ObservedSample, 'maskId' | 'predictsNext'>,
): number | undefined {
  let best: { position: number; confidence: number } | undefined;
  for (const [position, id] of before.entries()) {
    if (id !== maskId || after[position] === maskId) continue;
    const i = headRows.indexOf(predictsNext ? Math.max(position - 1, 0) : position);
    const confidence = result.p1[i] ?? Number.NEGATIVE_INFINITY;
    if (best === undefined || confidence > best.confidence) best = { position, confidence };
  }
  return best?.position;
}

const bands = [
  [0, 0],
  [1, 1],
  [2, 4],
  [5, 16],
  [17, farthest],
] as const;

function bandName(low: number, high: number): string {
  return low === high ? String(low) : `${low} to ${high}`;
}

/** Mean over rows to both sides of the key token. */
function bandMean(profiles: readonly Profile[], measure: string, low: number, high: number): string {
  let [sum, count] = [0, 0];
  for (const profile of profiles.filter((one) => one.measure === measure)) {
    for (let i = 0; i < profile.counts.length; i++) {
      const distance = Math.abs(i - farthest);
      if (distance < low || distance > high) continue;
      sum += profile.sums[i]!;
      count += profile.counts[i]!;
    }
  }
  return count === 0 ? '-' : (sum / count).toPrecision(3);
}
