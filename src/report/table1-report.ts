import type { PublishedFigures } from '../results/paper.js';
import { figuresOf } from './figures.js';
import type { MeasuredCell } from './measured.js';
import { agreementNote, averageNote, markNotes, publishedNotes, rankNote, samplesNote } from './notes.js';
import { type Rank, ranks } from './rank.js';
import type { Grid, Line, Report } from './report.js';
import {
  accuracyText,
  agreementText,
  certaintyText,
  missing,
  passesText,
  publishedText,
  shownAccuracy,
  shownPublished,
  shownTps,
  speedupText,
  tpsText,
  unknown,
} from './show.js';
import { averageColumn, type Table1Row, type Table1View } from './table1.js';

/** The lines of every cell, from top to bottom. */
const lines = ['accuracy %', 'TPS (speed-up)', 'NFE (row-NFE)', 'agreement %'] as const;

/**
 * The report in the layout of the paper's Table 1: for each method and benchmark our figures and the published ones
 * side by side, accuracy and TPS ranked in each column.
 *
 * @param remarks Notes on the run as a whole, which come first.
 */
export function table1Report(view: Table1View, remarks: readonly string[] = []): Report {
  const rows = view.groups.flatMap((group) => group.rows);
  const cells = rows.flatMap((row) => [...row.cells.values()]);
  const published = rows.flatMap((row) =>
    [...row.published.values()].flatMap((figures) => Object.values(figures)),
  );
  const averages = rows.flatMap((row) => row.cells.get(averageColumn) ?? []);
  return {
    title: view.title,
    grids: [gridOf(view, rows)],
    notes: [
      ...remarks,
      ...samplesNote(cells),
      ...markNotes(cells, view.precision),
      ...averageNote(averages),
      agreementNote,
      ...publishedNotes(view.publishedModel, published),
    ],
    rankNote: `${rankNote('accuracy and TPS of each column')}; published figures are ranked apart`,
    figures: view.groups.flatMap(({ name: group, rows: members }) =>
      members.flatMap((row) =>
        view.columns.flatMap(({ id, title }) =>
          figuresOf(
            { group, method: row.method, name: row.name, params: {}, column: id, title },
            row.cells.get(id),
            row.published.get(id),
          ),
        ),
      ),
    ),
  };
}

function gridOf(view: Table1View, rows: readonly Table1Row[]): Grid {
  const columns = view.columns.map(({ id }) => rankedColumn(view, rows, id));
  return {
    labels: ['Method'],
    lines,
    columns: view.columns.map(({ title }) => ({ title, parts: ['ours', 'paper'], align: 'right' })),
    groups: view.groups.map(({ name, rows: members }) => ({
      name,
      rows: members.map((row) => ({
        labels: [row.name],
        cells: columns.map((column) => column.get(row.method)!),
      })),
    })),
  };
}

/** Our lines and the published ones of one column, by method. */
function rankedColumn(
  view: Table1View,
  rows: readonly Table1Row[],
  id: string,
): ReadonlyMap<string, readonly (readonly Line[])[]> {
  const ours = rows.map((row) => row.cells.get(id));
  const paper = rows.map((row) => row.published.get(id) ?? {});
  const isBaseline = (i: number): boolean => rows[i]!.method === view.baseline;
  const accuracy = ranks(ours.map((cell) => (cell === undefined ? null : shownAccuracy(cell))));
  const speed = ranks(ours.map((cell, i) => (cell === undefined || isBaseline(i) ? null : shownTps(cell))));
  const paperAccuracy = ranks(paper.map((figures) => shown(figures.accuracy, 100)));
  const paperSpeed = ranks(paper.map((figures, i) => (isBaseline(i) ? null : shown(figures.tps, 1))));
  return new Map(
    rows.map((row, i) => [
      row.method,
      [ourLines(ours[i], accuracy[i], speed[i]), paperLines(paper[i]!, paperAccuracy[i], paperSpeed[i])],
    ]),
  );
}

function shown(figure: PublishedFigures['tps'], scale: number): number | null {
  return figure === undefined ? null : shownPublished(figure, scale);
}

function ourLines(cell: MeasuredCell | undefined, accuracy?: Rank, speed?: Rank): Line[] {
  if (cell === undefined) return lines.map(() => [missing]);
  return [
    [{ text: accuracyText(cell), rank: accuracy }],
    [{ text: tpsText(cell), rank: speed }, inBrackets(speedupText(cell))],
    [passesText(cell.nfe), inBrackets(cell.rowNfe === null ? undefined : passesText(cell.rowNfe))],
    [agreementText(cell)],
  ];
}

function paperLines({ accuracy, tps, speedup }: PublishedFigures, accuracyRank?: Rank, speed?: Rank): Line[] {
  return [
    [{ text: publishedText(accuracy, 100), rank: accuracyRank }, certaintyText(accuracy)],
    [
      { text: publishedText(tps, 1), rank: speed },
      certaintyText(tps),
      inBrackets(
        speedup === undefined ? undefined : `${publishedText(speedup, 1, 'x')}${certaintyText(speedup)}`,
      ),
    ],
    [unknown],
    [unknown],
  ];
}

function inBrackets(text: string | undefined): string {
  return text === undefined ? '' : ` (${text})`;
}
