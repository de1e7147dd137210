import Table from 'cli-table3';
import type { Certainty, PublishedFigure, PublishedFigures } from '../results/paper.js';
import type { Table1Cell, Table1View } from './table1.js';

/** Letters behind published figures. */
const certaintyMarks: Readonly<Record<Certainty, string>> = {
  stated: 's',
  secondary: 'q',
  inferred: 'i',
  derived: 'd',
};

/** The lines of every cell, from top to bottom. */
const measures = ['accuracy %', 'TPS (speed-up)', 'NFE (row-NFE)', 'agreement %'] as const;

/** Text of the two first columns of the frame and the borders of a pair of columns. */
const methodColumnPadding = 4 + measures[1].length + 3;
const pairPadding = 6;

/**
 * Draws the table, our figures and the published ones side by side.
 *
 * @param width Characters of the terminal: a wider table is cut into several, each with some of the
 *   benchmarks. Undefined draws one, however wide.
 */
export function renderTable1(view: Table1View, width?: number): string {
  const rows = view.groups.flatMap((group) => group.rows);
  const left = methodColumnPadding + Math.max(...rows.map(({ name }) => name.length), 'Method'.length);
  const pairs = view.columns.map(({ id, title }) => {
    const ours = rows.map((row) => ourLines(row.cells.get(id)).join('\n'));
    const paper = rows.map((row) => paperLines(row.published.get(id)).join('\n'));
    const needed = longestLine([...ours, 'ours']) + longestLine([...paper, 'paper']) + pairPadding;
    return { id, title, width: Math.max(needed, title.length + 3) };
  });
  const tables = inChunks(pairs, width === undefined ? undefined : width - left - 1).map((columns) =>
    drawPart(view, columns),
  );
  return `${[view.title, ...tables, ...footnotes(view)].join('\n')}\n`;
}

/** Cuts columns into runs that fit; each has at least one. */
function inChunks<T extends { readonly width: number }>(columns: readonly T[], room?: number): T[][] {
  const chunks: T[][] = [];
  let used = 0;
  for (const column of columns) {
    const last = chunks.at(-1);
    if (last !== undefined && (room === undefined || used + column.width <= room)) {
      last.push(column);
      used += column.width;
    } else {
      chunks.push([column]);
      used = column.width;
    }
  }
  return chunks;
}

function drawPart(
  view: Table1View,
  columns: readonly { readonly id: string; readonly title: string }[],
): string {
  const table = new Table({
    style: { head: [], border: [], compact: false },
    colAligns: ['left', 'left', ...columns.flatMap(() => ['right', 'right'] as const)],
  });
  table.push([
    { content: 'Method', rowSpan: 2, colSpan: 2 },
    ...columns.map(({ title }) => ({ content: title, colSpan: 2, hAlign: 'center' as const })),
  ]);
  table.push(columns.flatMap(() => ['ours', 'paper']));
  for (const { name, rows } of view.groups) {
    if (view.groups.length > 1) table.push([{ content: name, colSpan: 2 + 2 * columns.length }]);
    for (const row of rows) {
      table.push([
        row.name,
        measures.join('\n'),
        ...columns.flatMap(({ id }) => [
          ourLines(row.cells.get(id)).join('\n'),
          paperLines(row.published.get(id)).join('\n'),
        ]),
      ]);
    }
  }
  return table.toString();
}

function ourLines(cell: Table1Cell | undefined): string[] {
  if (cell === undefined) return measures.map(() => '-');
  return [
    number(cell.accuracy === null ? null : cell.accuracy * 100, 1) + (cell.errors > 0 ? '!' : ''),
    withSecond(number(cell.tps, 1), cell.speedup === null ? undefined : `${cell.speedup.toFixed(2)}x`),
    withSecond(number(cell.nfe, 1), cell.rowNfe === null ? undefined : cell.rowNfe.toFixed(1)),
    number(cell.agreement === null ? null : cell.agreement * 100, 1),
  ];
}

function paperLines(figures: PublishedFigures = {}): string[] {
  const { accuracy, tps, speedup } = figures;
  const marked = (figure: PublishedFigure, scale: number, unit: string): string =>
    `${(figure.value * scale).toFixed(2)}${unit} ${certaintyMarks[figure.certainty]}`;
  return [
    accuracy === undefined ? 'n/a' : marked(accuracy, 100, ''),
    withSecond(
      tps === undefined ? 'n/a' : marked(tps, 1, ''),
      speedup === undefined ? undefined : marked(speedup, 1, 'x'),
    ),
    'n/a',
    'n/a',
  ];
}

function withSecond(figure: string, second: string | undefined): string {
  return second === undefined ? figure : `${figure} (${second})`;
}

function number(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

function longestLine(texts: readonly string[]): number {
  return Math.max(...texts.flatMap((text) => text.split('\n')).map((line) => line.length));
}

/** What the figures cannot say themselves: how many samples, how uncertain, how many failed. */
function footnotes(view: Table1View): string[] {
  const cells = view.groups.flatMap(({ rows }) =>
    rows.flatMap((row) => [...row.cells].map(([column, cell]) => ({ ...cell, column, method: row.name }))),
  );
  const margins = cells.map(({ accuracyMargin }) => accuracyMargin).filter((margin) => margin !== null);
  const counts = cells.filter(({ accuracyMargin }) => accuracyMargin !== null).map(({ samples }) => samples);
  const notes: string[] = [];
  if (margins.length > 0) {
    const points = (share: number): string => (100 * share).toFixed(1);
    notes.push(
      `${span(Math.min(...counts), Math.max(...counts), String)} samples a benchmark: accuracies are known to ` +
        `+-${span(Math.min(...margins), Math.max(...margins), points)} points (95 % intervals in summary.csv)`,
    );
  }
  const failed = cells.reduce((total, { errors }) => total + errors, 0);
  if (failed > 0) notes.push(`! failed samples (${failed}) count as wrong; see samples.jsonl`);
  return [
    ...notes,
    "agreement: positions equal to the baseline's output, up to the later end of text",
    `paper: published figures for ${view.publishedModel} on other hardware; s stated in the paper, q quoted by ` +
      'a secondary source, i inferred, d derived from other figures; n/a not known',
  ];
}

function span(low: number, high: number, format: (value: number) => string): string {
  return format(low) === format(high) ? format(low) : `${format(low)} to ${format(high)}`;
}
