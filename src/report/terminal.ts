import Table, { type Cell, type HorizontalAlignment } from 'cli-table3';
import { cutColumns } from './layout.js';
import type { Rank } from './rank.js';
import { type Grid, type Line, lineText, type Report } from './report.js';
import type { Table1View } from './table1.js';
import { table1Report } from './table1-report.js';

export interface TerminalOptions {
  /**
   * Characters of the terminal: a wider table is cut into several, each with some of the columns. Undefined draws
   * one, however wide.
   */
  readonly width?: number | undefined;
  /** Writes the best and the second best figures in another style; without it they look like the others. */
  readonly emphasise?: ((text: string, rank: Rank) => string) | undefined;
}

/** Characters that a column needs beside its text: a border and a blank on either side. */
const padding = 3;

/** Draws a report with frames. */
export function renderTerminal(report: Report, options: TerminalOptions = {}): string {
  const { width, emphasise } = options;
  const tables = report.grids.flatMap((grid) => [
    ...(grid.heading === undefined ? [] : [grid.heading]),
    // The last border, and one character of room: some terminals break a line that is just full.
    ...cutColumns(grid, padding, width === undefined ? undefined : width - 2).map((part) =>
      draw(part, options),
    ),
  ]);
  const notes =
    emphasise === undefined || report.rankNote === '' ? report.notes : [...report.notes, report.rankNote];
  return `${[report.title, ...tables, ...notes].join('\n')}\n`;
}

/** Draws a view in the layout of Table 1. */
export function renderTable1(view: Table1View, width?: number): string {
  return renderTerminal(table1Report(view), { width });
}

function draw(grid: Grid, { emphasise }: TerminalOptions): string {
  const hasLines = grid.lines.length > 1;
  const hasParts = grid.columns.some(({ parts }) => parts.length > 1);
  const aligned = grid.columns.flatMap(({ parts, align }) => parts.map(() => align));
  const colAligns: HorizontalAlignment[] = [
    ...grid.labels.map(() => 'left' as const),
    ...(hasLines ? ['left' as const] : []),
    ...aligned,
  ];
  const isPlain = !hasLines && !hasParts && grid.groups.length === 1;
  const titles = grid.columns.map(({ title }) => title);
  const table = new Table({
    // Rules between rows of one line each would be half of the table.
    style: { head: [], border: [], compact: isPlain },
    colAligns,
    ...(isPlain ? { head: [...grid.labels, ...titles] } : {}),
  });
  if (!isPlain) for (const row of header(grid, hasLines, hasParts)) table.push(row);
  const show = (lines: readonly Line[]): string =>
    lines.map((line) => styledLine(line, emphasise)).join('\n');
  for (const { name, rows } of grid.groups) {
    if (grid.groups.length > 1) table.push([{ content: name, colSpan: colAligns.length }]);
    for (const { labels, cells } of rows) {
      table.push([...labels, ...(hasLines ? [grid.lines.join('\n')] : []), ...cells.flat().map(show)]);
    }
  }
  return table.toString();
}

function header({ labels, columns }: Grid, hasLines: boolean, hasParts: boolean): Cell[][] {
  const rowSpan = hasParts ? 2 : 1;
  const first: Cell[] = [
    ...labels.map((content, i) => ({
      content,
      rowSpan,
      colSpan: hasLines && i === labels.length - 1 ? 2 : 1,
    })),
    ...columns.map(({ title, parts }) => ({
      content: title,
      colSpan: parts.length,
      hAlign: 'center' as const,
    })),
  ];
  return hasParts ? [first, columns.flatMap(({ parts }) => [...parts])] : [first];
}

function styledLine(line: Line, emphasise: TerminalOptions['emphasise']): string {
  if (emphasise === undefined) return lineText(line);
  return line
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return piece.rank === undefined ? piece.text : emphasise(piece.text, piece.rank);
    })
    .join('');
}
