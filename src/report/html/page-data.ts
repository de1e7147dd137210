import { rowNfe } from '../../decoding/rows.js';
import { groupBy } from '../../group-by.js';
import { difference } from '../../results/agreement.js';
import type { Manifest, ManifestCell } from '../../results/manifest.js';
import type { PromptRow } from '../../results/prompts.js';
import type { RepeatRow } from '../../results/repeats.js';
import { isCorrect, type SampleRow, sampleKey } from '../../results/samples.js';
import { listTasks, loadTask } from '../../tasks/library.js';
import type { Report } from '../report.js';
import { shortName, valueText } from '../swept.js';
import { StringTable } from './strings.js';

/** What the browser of samples knows: `page/data.js` reads it. */
export interface PageData {
  /** Every text once; other fields name them by their place, -1 for none. */
  readonly texts: readonly string[];
  readonly cells: readonly PageCell[];
  /** One a sample, in the order of the file. */
  readonly samples: readonly PageSample[];
  /** Places of samples that have a trace, in the order of the blocks `trace-0`, `trace-1`, ... */
  readonly traced: readonly number[];
}

export interface PageCell {
  readonly id: string;
  /** Id, and what tables call it. */
  readonly method: string;
  readonly name: string;
  readonly benchmark: string;
  readonly title: string;
  readonly profile: string;
  readonly model: string;
  /** Its authors ask not to reprint its items: runs keep no prompts of it. */
  readonly confidential: boolean;
  /** Place of the cell that it is compared with; -1 if that is not of this run. */
  readonly baseline: number;
}

/** `right` 0, `wrong` 1, `failed` 2. */
export type StateCode = 0 | 1 | 2;

/** A sample as a tuple, for the sake of size. */
export type PageSample = readonly [
  cell: number,
  sample: number,
  state: StateCode,
  prompt: number,
  promptTokens: number,
  /** Of scoring or of generation. */
  error: number,
  extracted: number,
  detail: number,
  group: number,
  scores: readonly (readonly [
    name: number,
    extracted: number,
    correct: 0 | 1,
    error: number,
    detail: number,
  ])[],
  output: PageOutput | 0,
  /** Place of the baseline's sample; -1 for none, and for the baseline itself. */
  baseline: number,
  /** Positions compared with the baseline's, and the ranges `from, to, from, to, ...` that differ. */
  compared: number,
  differing: readonly number[],
  /** The reference answer. */
  target: number,
];

export type PageOutput = readonly [
  text: number,
  nfe: number,
  nfeExecuted: number,
  rowNfe: number,
  canvas: number,
  toEos: number,
  /** Of the denoising, in milliseconds: of round 1 and of its repeats. */
  ms: readonly number[],
  /** Other samples were decoded at the same time. */
  isShared: 0 | 1,
];

export interface PageDataInput {
  readonly report: Pick<Report, 'figures'>;
  readonly manifest: Pick<Manifest, 'cells'>;
  readonly samples: readonly SampleRow[];
  readonly repeats: readonly RepeatRow[];
  readonly prompts: readonly PromptRow[];
  /** Keys (`sampleKey`) of the samples whose traces the page has, in their order. */
  readonly traced: readonly string[];
}

/** The samples of a run, each beside its baseline. Rows of cells that the manifest does not know are left out. */
export function pageData(input: PageDataInput): PageData {
  const { report, manifest, prompts } = input;
  const texts = new StringTable();
  const places = new Map(manifest.cells.map(({ id }, place) => [id, place]));
  const samples = input.samples.filter(({ cell }) => places.has(cell));
  const rowPlaces = new Map(samples.map((row, place) => [sampleKey(row), place]));
  const promptOf = new Map(prompts.map((prompt) => [prompt.promptSha256, prompt]));
  const repeats = groupBy(input.repeats, sampleKey);
  const rows = samples.map((row): PageSample => {
    const cell = manifest.cells[places.get(row.cell)!]!;
    const other =
      cell.baseline === cell.id
        ? -1
        : (rowPlaces.get(sampleKey({ cell: cell.baseline, sample: row.sample })) ?? -1);
    const reference = other === -1 ? null : samples[other]!.output;
    const { compared, differing } =
      reference === null
        ? { compared: 0, differing: [] }
        : difference(row.output?.ids ?? [], reference.ids, cell.eosId);
    return [
      places.get(row.cell)!,
      texts.place(row.sample),
      row.error !== null ? 2 : isCorrect(row) ? 0 : 1,
      texts.place(promptOf.get(row.promptSha256)?.text),
      row.promptTokens,
      texts.place(row.error),
      texts.place(row.extracted),
      texts.place(row.detail),
      texts.place(row.group),
      Object.entries(row.scores ?? {}).map(([name, score]) => [
        texts.place(name),
        texts.place(score.extracted),
        score.correct ? 1 : 0,
        texts.place(score.error),
        texts.place(score.detail),
      ]),
      outputOf(row, repeats.get(sampleKey(row)) ?? [], texts),
      other,
      compared,
      rangesOf(differing),
      texts.place(promptOf.get(row.promptSha256)?.target),
    ];
  });
  const names = new Map(report.figures.map(({ method, name }) => [method, name]));
  const titles = new Map(report.figures.map(({ column, title }) => [column, title]));
  return {
    cells: manifest.cells.map((cell) => pageCell(cell, nameOf(cell, names, manifest.cells), titles, places)),
    samples: rows,
    traced: input.traced.map((key) => rowPlaces.get(key) ?? -1),
    texts: texts.texts,
  };
}

function pageCell(
  { id, method, benchmark, profile, model, baseline }: ManifestCell,
  name: string,
  titles: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, number>,
): PageCell {
  return {
    ...{ id, method, name, benchmark, profile, model },
    title: titles.get(benchmark) ?? benchmark,
    confidential: isConfidential(benchmark, profile),
    baseline: places.get(baseline) ?? -1,
  };
}

/** What tables call a method, with the swept values of the cell behind it: `Dynamic-dLLM layerBudget=4`. */
function nameOf(
  { method, params }: ManifestCell,
  names: ReadonlyMap<string, string>,
  cells: readonly ManifestCell[],
): string {
  const [id] = method.split('[');
  const paths = [...new Set(cells.flatMap((cell) => Object.keys(cell.params)))];
  const values = Object.entries(params).map(
    ([path, value]) => `${shortName(path, paths)}=${valueText(value)}`,
  );
  return [names.get(method) ?? names.get(id!) ?? id!, values.join(', ')]
    .filter((part) => part !== '')
    .join(' ');
}

/** False if this version of the package does not have the benchmark. */
function isConfidential(id: string, profile: string): boolean {
  const isKnown = listTasks().some((task) => task.id === id && task.profile === profile);
  return isKnown && loadTask(id, profile).confidential;
}

function outputOf({ output }: SampleRow, repeats: readonly RepeatRow[], texts: StringTable): PageOutput | 0 {
  if (output === null) return 0;
  const { text, nfe, nfeExecuted, rows, tokens, timings } = output;
  const times = [timings.denoiseMs, ...repeats.map(({ denoiseMs }) => denoiseMs)];
  return [
    texts.place(text),
    nfe,
    nfeExecuted,
    Number(rowNfe(rows).toFixed(2)),
    tokens.canvas,
    tokens.toEos,
    times.map((ms) => Number(ms.toFixed(1))),
    timings.shared === true ? 1 : 0,
  ];
}

/** Ascending numbers as half-open ranges, one after the other: `[1, 2, 3, 7]` is `[1, 4, 7, 8]`. */
export function rangesOf(numbers: Iterable<number>): number[] {
  const ranges: number[] = [];
  for (const number of numbers) {
    if (ranges.at(-1) === number) ranges[ranges.length - 1] = number + 1;
    else ranges.push(number, number + 1);
  }
  return ranges;
}
