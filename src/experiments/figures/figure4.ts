import type { CsvCell } from '../../results/csv.js';
import type { PaperRow } from '../../results/paper.js';
import { Rng } from '../../stats/rng.js';
import { spearman } from '../../stats/spearman.js';
import type { ObservedPass } from './observed-engine.js';
import { Reservoir } from './reservoir.js';
import { rowChanges } from './row-changes.js';
import { type FigureResult, type FigureStudy, LastPass, type ObservedSample, probed } from './study.js';

/** What the layer input is compared with, and what the published figures call it. */
const measures = {
  key: 'key',
  value: 'value',
  attention: 'attention output',
  ffn: 'FFN output',
} as const;
type Measure = keyof typeof measures;
const names = Object.keys(measures) as Measure[];
/** The input of layer 0 is the embedding: it changes with the token alone, so nearly all rows of it tie. */
const withoutFirst = 'all-but-0';
const scopes = ['all', 'response'] as const;
type Scope = (typeof scopes)[number];

/** Observations (one row in one step) that a layer keeps at most; beyond that a uniform sample of them. */
export const keptPerLayer = 50_000;

/**
 * Figure 4: does the change of a row's layer input between steps foretell that of its K, V, attention output and FFN
 * output? Spearman's correlation of `1 - cos` over all rows and steps, by layer and over all layers; all rows of the
 * sequence, as DCU looks at them, and those of the response alone.
 */
export class Figure4 implements FigureStudy {
  readonly probe = ['input', ...names] as const;
  readonly #layers: Reservoir[] = [];
  readonly #last = new LastPass();
  readonly #seed: string;
  readonly #published: readonly PaperRow[];
  #sample!: ObservedSample;

  /** @param published Rows of results/paper/figure4.csv. */
  constructor(seed: string, published: readonly PaperRow[]) {
    this.#seed = seed;
    this.#published = published;
  }

  begin(sample: ObservedSample): void {
    this.#sample = sample;
    while (this.#layers.length < sample.layers) {
      const rng = new Rng(`${this.#seed} figure4 ${this.#layers.length}`);
      this.#layers.push(new Reservoir(2 + names.length, keptPerLayer, rng));
    }
  }

  pass(pass: ObservedPass): void {
    const before = this.#last.swap(pass);
    if (before === undefined) return;
    const length = pass.tokens.length;
    for (let layer = 0; layer < this.#sample.layers; layer++) {
      const changes = this.probe.map((kind) =>
        rowChanges(probed(pass, kind)[layer]!, probed(before, kind)[layer]!, length),
      );
      for (let row = 0; row < length; row++) {
        const inResponse = row < this.#sample.promptLength ? 0 : 1;
        this.#layers[layer]!.add([...changes.map((values) => values[row]!), inResponse]);
      }
    }
  }

  end(): void {}

  result(): FigureResult {
    const layers = this.#layers.map((_, layer) => String(layer));
    const pools = [...layers, ...(layers.length > 1 ? [withoutFirst] : []), 'all'];
    const rows = pools.flatMap((layer) =>
      scopes.flatMap((scope) => names.map((measure) => this.#row(layer, scope, measure))),
    );
    const shown = (layer: string, scope: Scope) => {
      const own = rows.filter((row) => row.layer === layer && row.scope === scope);
      return [layer, scope, ...own.map(({ spearman: value }) => fixed(value)), String(own[0]?.kept ?? 0)];
    };
    const paper = names.map((measure) => {
      const { value, certainty } = this.#publishedOf(measure);
      return value === null ? '-' : `${value} (${certainty})`;
    });
    return {
      tables: [{ name: 'figure4', columns: figure4Columns, rows }],
      shown: {
        head: ['layer', 'rows of', 'K', 'V', 'attention output', 'FFN output', 'rows'],
        rows: [
          ...pools.flatMap((layer) => scopes.map((scope) => shown(layer, scope))),
          ['published', '', ...paper, ''],
        ],
      },
    };
  }

  #row(layer: string, scope: Scope, measure: Measure): Record<string, CsvCell> {
    const chosen = this.#pool(layer);
    const column = (index: number) =>
      chosen.flatMap((reservoir) => {
        const inResponse = reservoir.column(1 + names.length);
        return reservoir.column(index).filter((_, i) => scope === 'all' || inResponse[i] === 1);
      });
    const [x, y] = [column(0), column(1 + names.indexOf(measure))];
    const seen = chosen.reduce((sum, reservoir) => sum + reservoir.seen, 0);
    const published = layer === 'all' && scope === 'all' ? this.#publishedOf(measure) : unpublished;
    return {
      ...{ layer, scope, measure, spearman: spearman(x, y), kept: x.length, observations: seen },
      ...{ published: published.value, published_certainty: published.certainty },
      published_source: published.source,
    };
  }

  #pool(layer: string): readonly Reservoir[] {
    if (layer === 'all') return this.#layers;
    return layer === withoutFirst ? this.#layers.slice(1) : [this.#layers[Number(layer)]!];
  }

  #publishedOf(measure: Measure): Published {
    const row = this.#published.find(
      ({ metric }) => metric === `Spearman layer input vs ${measures[measure]}`,
    );
    return row === undefined ? unpublished : { ...row, value: Number(row.value) };
  }
}

type Published = { readonly [key in 'certainty' | 'source']: string | null } & {
  readonly value: number | null;
};
const unpublished: Published = { value: null, certainty: null, source: null };

const figure4Columns = [
  ...['layer', 'scope', 'measure', 'spearman', 'kept', 'observations'],
  ...['published', 'published_certainty', 'published_source'],
];

function fixed(value: CsvCell | undefined): string {
  return typeof value === 'number' && Number.isFinite(value) ? value.toFixed(3) : '-';
}
