import type { SummaryRow } from '../results/columns.js';
import { type PaperRow, type PublishedFigures, publishedFigures } from '../results/paper.js';
import { averageCell, type MeasuredCell, measuredCell } from './measured.js';

export interface Table1Row {
  readonly method: string;
  readonly name: string;
  /** By column id; a column without an entry was not run. */
  readonly cells: ReadonlyMap<string, MeasuredCell>;
  readonly published: ReadonlyMap<string, PublishedFigures>;
}

/** The content of a table in the layout of the paper's Table 1, before any drawing. */
export interface Table1View {
  readonly title: string;
  /** Whose published figures stand beside ours. */
  readonly publishedModel: string;
  /** Relative half-width up to which the interval of a rate is narrow enough. */
  readonly precision: number;
  readonly baseline: string;
  readonly columns: readonly { readonly id: string; readonly title: string }[];
  readonly groups: readonly { readonly name: string; readonly rows: readonly Table1Row[] }[];
}

export interface Table1Input {
  /** Must tell whose numbers these are ("reference model"). */
  readonly title: string;
  readonly groups: readonly {
    readonly name: string;
    readonly methods: readonly { readonly id: string; readonly name: string }[];
  }[];
  readonly benchmarks: readonly { readonly id: string; readonly title: string }[];
  /** Benchmarks of the average; the others stand behind it. */
  readonly average: readonly string[];
  readonly baseline: string;
  readonly summary: readonly SummaryRow[];
  readonly paper: readonly PaperRow[];
  /** Relative half-width of a rate's interval that the run was to reach; default 0.05. */
  readonly precision?: number;
}

/** Id of the average column, here and in results/paper. */
export const averageColumn = 'average';

/**
 * Lays summary rows out as the paper's Table 1: benchmarks of the average, the average, then the others. The
 * average's speed-up is the ratio of the average rates. Benchmarks that no method was run on are left out,
 * and the title of the average says how many it holds; a method that lacks one of the rest has no average.
 */
export function buildTable1(input: Table1Input): Table1View {
  const has = (id: string): boolean => input.summary.some(({ benchmark }) => benchmark === id);
  const shown = input.benchmarks.filter(({ id }) => has(id));
  const averaged = shown.filter(({ id }) => input.average.includes(id));
  const others = shown.filter(({ id }) => !input.average.includes(id));
  const part =
    averaged.length === input.average.length ? '' : ` (${averaged.length} of ${input.average.length})`;
  const average = averaged.length < 2 ? [] : [{ id: averageColumn, title: `Average${part}` }];
  const columns = [...averaged, ...average, ...others];
  const averagedIds = averaged.map(({ id }) => id);
  const baseline = cellsOf(input, input.baseline, averagedIds);
  return {
    title: input.title,
    precision: precisionOf(input),
    publishedModel: [...new Set(input.paper.map((row) => row.published_model))].join(', '),
    baseline: input.baseline,
    columns,
    groups: input.groups
      .map(({ name, methods }) => ({
        name,
        rows: methods
          .filter(({ id }) => input.summary.some(({ method }) => method === id))
          .map(({ id, name }) => {
            const cells = cellsOf(input, id, averagedIds);
            const own = cells.get(averageColumn);
            const base = baseline.get(averageColumn);
            if (own !== undefined) {
              cells.set(averageColumn, { ...own, speedup: ratio(own.tps, base?.tps ?? null) });
            }
            const published = new Map(
              columns.map((column) => [
                column.id,
                publishedFigures(input.paper, { method: id, benchmark: column.id }),
              ]),
            );
            return { method: id, name, cells, published };
          }),
      }))
      .filter(({ rows }) => rows.length > 0),
  };
}

function precisionOf({ precision = 0.05 }: Table1Input): number {
  return precision;
}

function cellsOf(input: Table1Input, method: string, averaged: readonly string[]): Map<string, MeasuredCell> {
  const rows = input.summary.filter((row) => row.method === method);
  const cells = new Map(rows.map((row) => [row.benchmark, measuredCell(row, precisionOf(input))]));
  const parts = averaged.map((id) => cells.get(id)).filter((cell) => cell !== undefined);
  if (parts.length === averaged.length && parts.length > 1) cells.set(averageColumn, averageCell(parts));
  return cells;
}

function ratio(value: number | null, base: number | null): number | null {
  return value === null || base === null ? null : value / base;
}
