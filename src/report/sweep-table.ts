import type { Json } from '../config/canonical.js';
import { methodOfLabel } from '../config/experiment-plan.js';
import type { SummaryRow } from '../results/columns.js';
import { figuresOf } from './figures.js';
import { type MeasuredCell, measuredCell } from './measured.js';
import { agreementNote, markNotes, rankNote, samplesNote } from './notes.js';
import { type Rank, ranks } from './rank.js';
import type { Figure, Grid, GridColumn, GridRow, Report } from './report.js';
import {
  accuracyIntervalText,
  accuracyText,
  agreementText,
  missing,
  passesText,
  shownAccuracy,
  shownTps,
  speedupText,
  tpsIntervalText,
  tpsText,
} from './show.js';
import { parametersNote, shortName, valueText } from './swept.js';

export interface SweepCell {
  readonly row: SummaryRow;
  /** Swept values by path, in the order of the sweep; those that do not concern the method are left out. */
  readonly params: Readonly<Record<string, Json>>;
}

export interface SweepInput {
  /** Must tell whose numbers these are ("reference model"). */
  readonly title: string;
  readonly cells: readonly SweepCell[];
  readonly benchmarks: readonly { readonly id: string; readonly title: string }[];
  /** Method that the others are compared with. */
  readonly baseline: string;
  /** Relative half-width of a rate's interval that the run was to reach. */
  readonly precision: number;
}

interface Entry {
  readonly method: string;
  readonly params: SweepCell['params'];
  readonly cell: MeasuredCell;
}

/**
 * The report of a sweep, or of any list of cells: for each benchmark one row a method and setting, with a column for
 * each swept parameter that differs between rows.
 *
 * @param remarks Notes on the run as a whole, which come first.
 */
export function sweepReport(input: SweepInput, remarks: readonly string[] = []): Report {
  const paths = [...new Set(input.cells.flatMap(({ params }) => Object.keys(params)))].filter(
    (path) => path !== 'benchmark',
  );
  const known = new Map(input.benchmarks.map(({ id, title }) => [id, title]));
  const blocks = [...new Set(input.cells.map(({ row }) => row.benchmark))].map((id) => ({
    id,
    title: known.get(id) ?? id,
    entries: input.cells
      .filter(({ row }) => row.benchmark === id)
      .map(({ row, params }) => ({
        method: methodOfLabel(row.method),
        params,
        cell: measuredCell(row, input.precision),
      })),
  }));
  const cells = blocks.flatMap(({ entries }) => entries.map(({ cell }) => cell));
  return {
    title: input.title,
    grids: blocks.map(({ title, entries }) => gridOf(title, entries, paths, input.baseline)),
    notes: [
      ...remarks,
      ...parametersNote(
        paths,
        blocks.flatMap(({ entries }) => entries),
      ),
      ...samplesNote(cells),
      'in brackets 95 % intervals',
      ...markNotes(cells, input.precision),
      agreementNote,
    ],
    rankNote: rankNote('accuracy and TPS of each benchmark'),
    figures: blocks.flatMap(({ id, title, entries }) =>
      entries.flatMap(({ method, params, cell }): Figure[] =>
        figuresOf({ group: '', method, name: method, params, column: id, title }, cell),
      ),
    ),
  };
}

const columns: readonly GridColumn[] = [
  'accuracy %',
  'TPS',
  'speed-up',
  'NFE',
  'row-NFE',
  'agree %',
  'accuracy is',
].map((title) => ({ title, parts: [''], align: title === 'accuracy is' ? 'left' : 'right' }));

function gridOf(
  heading: string,
  entries: readonly Entry[],
  paths: readonly string[],
  baseline: string,
): Grid {
  const accuracy = ranks(entries.map(({ cell }) => shownAccuracy(cell)));
  const speed = ranks(entries.map(({ method, cell }) => (method === baseline ? null : shownTps(cell))));
  return {
    heading,
    labels: ['Method', ...paths.map((path) => shortName(path, paths))],
    lines: [''],
    columns,
    groups: [{ name: '', rows: entries.map((entry, i) => rowOf(entry, paths, accuracy[i], speed[i])) }],
  };
}

function rowOf(
  { method, params, cell }: Entry,
  paths: readonly string[],
  accuracy?: Rank,
  speed?: Rank,
): GridRow {
  const lines = [
    [{ text: accuracyText(cell), rank: accuracy }, accuracyIntervalText(cell)],
    [{ text: tpsText(cell), rank: speed }, tpsIntervalText(cell)],
    [speedupText(cell) ?? missing],
    [passesText(cell.nfe)],
    [passesText(cell.rowNfe)],
    [agreementText(cell)],
    [shortVerdict(cell.accuracyVerdict)],
  ];
  return {
    labels: [method, ...paths.map((path) => valueText(params[path]))],
    cells: lines.map((line) => [[line]]),
  };
}

/** The verdict without the numbers, which stand in summary.csv: `same`, `better`, `worse`, `cannot tell`. */
function shortVerdict(words: string): string {
  return words.replace(/ (?:with|within) .*$/, '');
}
