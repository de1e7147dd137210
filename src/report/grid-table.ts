import type { Json } from '../config/canonical.js';
import { methodOfLabel } from '../config/experiment-plan.js';
import type { ShownFigure } from '../config/experiment-schema.js';
import type { SweepAxis } from '../config/sweep-axes.js';
import { type PaperRow, type PublishedFigures, publishedFigures } from '../results/paper.js';
import { figuresOf } from './figures.js';
import { type MeasuredCell, measuredCell } from './measured.js';
import { agreementNote, markNotes, publishedNotes, rankNote, samplesNote } from './notes.js';
import { ranks } from './rank.js';
import type { Grid, GridRow, Line, Report } from './report.js';
import { missing } from './show.js';
import {
  isMeasured,
  ourFigure,
  ourLine,
  paperLine,
  publishedKey,
  rankedBy,
  shownTitles,
} from './shown-figure.js';
import type { SweepInput } from './sweep-table.js';
import { shortName, valueText } from './swept.js';

export interface GridInput extends SweepInput {
  /** One or two. */
  readonly axes: readonly SweepAxis[];
  readonly show: readonly ShownFigure[];
  readonly paper: readonly PaperRow[];
  /** What tables call a method. */
  name(method: string): string;
}

interface Entry {
  readonly method: string;
  readonly benchmark: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly cell: MeasuredCell;
  readonly published: PublishedFigures;
}

/** A row or column: what it is called, and the entries that belong to it. */
interface Place {
  readonly label: string;
  has(entry: Entry): boolean;
}

/**
 * A sweep as the paper prints one: for each benchmark and figure a grid, of the first parameter (down) against the
 * second (across), or of methods against the only one. Published figures stand beside ours where any is known.
 * Methods that no parameter concerns, such as the baseline of a sweep of its rivals' settings, are in the notes.
 *
 * @param remarks Notes on the run as a whole, which come first.
 */
export function gridReport(input: GridInput, remarks: readonly string[] = []): Report {
  const paths = input.axes.flatMap((axis) => axis.paths);
  const entries = input.cells.map(({ row, params }): Entry => {
    const [method, { benchmark }] = [methodOfLabel(row.method), row];
    const cell = measuredCell(row, input.precision);
    const published = publishedFigures(input.paper, { method, benchmark, params });
    return { method, benchmark, params, cell, published };
  });
  const isFixed = ({ params }: Entry): boolean => !paths.some((path) => params[path] !== undefined);
  const blocks = input.benchmarks
    .map((block) => ({ ...block, entries: entries.filter(({ benchmark }) => benchmark === block.id) }))
    .filter((block) => block.entries.length > 0);
  const cells = entries.map(({ cell }) => cell);
  const show = input.show.filter((figure) => cells.some((cell) => isMeasured(figure, cell)));
  const published = entries.flatMap((entry) => Object.values(entry.published));
  const model = [...new Set(input.paper.map((row) => row.published_model))].join(', ');
  return {
    title: input.title,
    grids: blocks.flatMap((block) => {
      const swept = block.entries.filter((entry) => !isFixed(entry));
      return show.flatMap((figure) => gridsOf(input, block.title, swept, figure));
    }),
    notes: [
      ...remarks,
      ...blocks.flatMap((block) =>
        block.entries.filter(isFixed).map((entry) => fixedNote(entry, block.title, show, input)),
      ),
      `parameters: ${input.axes.map((axis) => axis.paths.join(' with ')).join(', ')}`,
      ...samplesNote(cells),
      'in brackets 95 % intervals',
      ...markNotes(
        cells.map((cell) => shownPart(cell, show)),
        input.precision,
      ),
      ...(show.includes('agreement') ? [agreementNote] : []),
      ...(input.paper.length === 0 ? [] : publishedNotes(model, published)),
    ],
    rankNote: rankNote('figures of each grid, without the baseline,'),
    figures: blocks.flatMap((block) =>
      block.entries.flatMap(({ method, params, cell, published: paper }) => {
        const key = {
          group: '',
          method,
          name: input.name(method),
          params,
          column: block.id,
          title: block.title,
        };
        return figuresOf(key, cell, paper);
      }),
    ),
  };
}

/** The cell without the speeds that no grid shows, so that their marks are not explained. */
function shownPart(cell: MeasuredCell, show: readonly ShownFigure[]): MeasuredCell {
  return {
    ...cell,
    tps: show.includes('tps') ? cell.tps : null,
    speedup: show.includes('speedup') ? cell.speedup : null,
  };
}

/** What no grid has a place for. */
function fixedNote(
  { method, cell }: Entry,
  benchmark: string,
  show: readonly ShownFigure[],
  { name }: GridInput,
): string {
  const figures = show.map((figure) => `${shownTitles[figure]} ${ourFigure(figure, cell)}`);
  return `${name(method)}, which no parameter concerns, on ${benchmark}: ${figures.join('; ')}`;
}

/** The grids of one figure on one benchmark: with two axes one a method. */
function gridsOf(
  input: GridInput,
  benchmark: string,
  entries: readonly Entry[],
  figure: ShownFigure,
): Grid[] {
  const axes = input.axes.map((axis) => axisName(axis, input.axes));
  const [first, second] = input.axes.map(placesOf);
  const title = (method?: string): string =>
    [benchmark, ...(method === undefined ? [] : [input.name(method)]), shownTitles[figure]].join(', ');
  const methods = [...new Set(entries.map(({ method }) => method))];
  if (second === undefined) {
    const rows = methods.map((id): Place => ({ label: input.name(id), has: ({ method }) => method === id }));
    return [gridOf(input, title(), ['Method', axes[0]!], entries, rows, first!, figure)];
  }
  return methods.map((id) => {
    const own = entries.filter(({ method }) => method === id);
    const heading = title(methods.length > 1 ? id : undefined);
    return gridOf(input, heading, [axes[0]!, axes[1]!], own, first!, second, figure);
  });
}

function gridOf(
  { baseline }: GridInput,
  heading: string,
  [down, across]: readonly [down: string, across: string],
  entries: readonly Entry[],
  rows: readonly Place[],
  columns: readonly Place[],
  figure: ShownFigure,
): Grid {
  const table = rows.map((row) =>
    columns.map((column) => entries.find((entry) => row.has(entry) && column.has(entry))),
  );
  const flat = table.flat();
  const marks = ranks(
    flat.map((entry) =>
      entry === undefined || entry.method === baseline ? null : rankedBy(figure, entry.cell),
    ),
  );
  const key = publishedKey(figure);
  const hasPaper = key !== undefined && flat.some((entry) => entry?.published[key] !== undefined);
  const cellOf = (entry: Entry | undefined, place: number): Line[][] => {
    const ours: Line = entry === undefined ? [missing] : ourLine(figure, entry.cell, marks[place]);
    if (!hasPaper) return [[ours]];
    return [[ours], [entry === undefined ? [missing] : paperLine(key, entry.published)]];
  };
  return {
    heading,
    labels: [down],
    lines: [''],
    columns: columns.map((column) => ({
      title: `${across} ${column.label}`,
      parts: hasPaper ? ['ours', 'paper'] : [''],
      align: 'right',
    })),
    groups: [
      {
        name: '',
        rows: rows.map(
          (row, r): GridRow => ({
            labels: [row.label],
            cells: columns.map((_, c) => cellOf(table[r]![c], r * columns.length + c)),
          }),
        ),
      },
    ],
  };
}

/** The places of an axis. An entry that lacks a path is at every place of its axis: the path does not concern it. */
function placesOf(axis: SweepAxis): Place[] {
  return axis.values.map((values) => ({
    label: valueText(values[0]),
    has: ({ params }) =>
      axis.paths.every(
        (path, i) => params[path] === undefined || valueText(params[path]) === valueText(values[i]),
      ),
  }));
}

function axisName({ paths: [first] }: SweepAxis, axes: readonly SweepAxis[]): string {
  return shortName(
    first,
    axes.flatMap(({ paths }) => paths),
  );
}
