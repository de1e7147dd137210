import type { SummaryRow } from '../results/columns.js';
import { type PaperRow, type PublishedFigures, publishedFigures } from '../results/paper.js';
import { mean } from '../stats/summary.js';

/** One figure of each kind that the paper's Table 1 has, for one method and one benchmark. */
export interface Table1Cell {
  /** Shares from 0 to 1. */
  readonly accuracy: number | null;
  readonly tps: number | null;
  readonly speedup: number | null;
  readonly nfe: number | null;
  /** Full passes with as many rows as were computed. */
  readonly rowNfe: number | null;
  /** Share of positions equal to the baseline's output. */
  readonly agreement: number | null;
  /** Samples that failed and count as wrong. */
  readonly errors: number;
  readonly samples: number;
  /** Half of the 95 % interval of the accuracy; null for an average. */
  readonly accuracyMargin: number | null;
}

export interface Table1Row {
  readonly method: string;
  readonly name: string;
  /** By column id; a column without an entry was not run. */
  readonly cells: ReadonlyMap<string, Table1Cell>;
  readonly published: ReadonlyMap<string, PublishedFigures>;
}

/** The content of a table in the layout of the paper's Table 1, before any drawing. */
export interface Table1View {
  readonly title: string;
  /** Whose published figures stand beside ours. */
  readonly publishedModel: string;
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
    publishedModel: [...new Set(input.paper.map((row) => row.published_model))].join(', '),
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

function cellsOf(input: Table1Input, method: string, averaged: readonly string[]): Map<string, Table1Cell> {
  const rows = input.summary.filter((row) => row.method === method);
  const cells = new Map(rows.map((row) => [row.benchmark, cellOf(row)]));
  const parts = averaged.map((id) => cells.get(id)).filter((cell) => cell !== undefined);
  if (parts.length === averaged.length && parts.length > 1) cells.set(averageColumn, averageOf(parts));
  return cells;
}

function cellOf(row: SummaryRow): Table1Cell {
  return {
    accuracy: row.accuracy,
    tps: row.tps,
    speedup: row.speedup,
    nfe: row.nfe_mean,
    rowNfe: row.row_nfe_mean,
    agreement: row.agreement,
    errors: row.errors ?? 0,
    samples: row.n ?? 0,
    accuracyMargin:
      row.accuracy_low === null || row.accuracy_high === null
        ? null
        : (row.accuracy_high - row.accuracy_low) / 2,
  };
}

function averageOf(cells: readonly Table1Cell[]): Table1Cell {
  const average = (pick: (cell: Table1Cell) => number | null): number | null => {
    const values = cells.map(pick).filter((value) => value !== null);
    return values.length < cells.length ? null : mean(values);
  };
  return {
    accuracy: average(({ accuracy }) => accuracy),
    tps: average(({ tps }) => tps),
    speedup: null,
    nfe: average(({ nfe }) => nfe),
    rowNfe: average(({ rowNfe }) => rowNfe),
    agreement: average(({ agreement }) => agreement),
    errors: 0,
    samples: cells.reduce((total, { samples }) => total + samples, 0),
    accuracyMargin: null,
  };
}

function ratio(value: number | null, base: number | null): number | null {
  return value === null || base === null ? null : value / base;
}
