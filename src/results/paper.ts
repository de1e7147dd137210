import { z } from 'zod';
import type { Json } from '../config/canonical.js';
import { UsageError } from '../errors.js';
import { readCsv } from './csv.js';

/** How a published figure is known, from best to worst. */
export const certainties = ['stated', 'secondary', 'inferred', 'derived'] as const;
export type Certainty = (typeof certainties)[number];

/** The columns of results/paper/*.csv; scripts/paper/derive.ts writes them. */
export const paperColumns = [
  'table',
  'model',
  'method',
  'benchmark',
  'metric',
  'relation',
  'value',
  'unit',
  'setting',
  'certainty',
  'remark',
  'source',
  'published_model',
  'published_method',
  'published_benchmark',
] as const;

/** A further column of the files whose figures depend on settings: `method.unmask.alpha=0.01;...`. */
export const paperParams = 'params';

const paperRow = z.object({
  table: z.string(),
  /** Our ids; what the publication calls them stands in the `published_` columns. */
  model: z.string(),
  method: z.string(),
  benchmark: z.string(),
  metric: z.string(),
  /** `=`, or a bound `>`, or `~` for "about". */
  relation: z.enum(['=', '>', '~', 'range']),
  value: z.string(),
  unit: z.string(),
  setting: z.string(),
  certainty: z.enum(certainties),
  remark: z.string(),
  source: z.string(),
  published_model: z.string(),
  published_method: z.string(),
  published_benchmark: z.string(),
  [paperParams]: z.string().optional(),
});
export type PaperRow = z.infer<typeof paperRow>;

/** A published number; accuracies as shares from 0 to 1, like ours. */
export interface PublishedFigure {
  readonly value: number;
  readonly certainty: Certainty;
  readonly source: string;
}

/** What is published about one cell. */
export interface PublishedFigures {
  readonly accuracy?: PublishedFigure;
  readonly tps?: PublishedFigure;
  readonly speedup?: PublishedFigure;
  /** Passes: what the paper calls NIS, the number of inference steps. */
  readonly nfe?: PublishedFigure;
}

/** @throws UsageError if the file is missing or not of this kind. */
export async function readPaperRows(path: string): Promise<PaperRow[]> {
  return (await readCsv(path)).map((cells, i) => {
    const parsed = paperRow.safeParse(cells);
    if (parsed.success) return parsed.data;
    const { path: field, message } = parsed.error.issues[0]!;
    throw new UsageError('PAPER_INVALID', `${path}: row ${i + 2}: "${field.join('.')}": ${message}`);
  });
}

/**
 * The published figures of one cell; of several sources for one figure the most certain counts. Bounds and
 * approximate figures are no figures.
 *
 * @param cell.model Undefined takes the rows of any model: a table has only one.
 * @param cell.benchmark `average` for the average over tasks.
 * @param cell.params Swept values; rows that name settings count where all of them are as here, others without.
 */
export function publishedFigures(
  rows: readonly PaperRow[],
  cell: {
    readonly model?: string;
    readonly method: string;
    readonly benchmark: string;
    readonly params?: Readonly<Record<string, Json>>;
  },
): PublishedFigures {
  const find = (metric: string): PublishedFigure | undefined => {
    const [best] = rows
      .filter((row) => row.metric === metric && row.relation === '=')
      .filter((row) => row.method === cell.method && row.benchmark === cell.benchmark)
      .filter((row) => cell.model === undefined || row.model === cell.model)
      .filter((row) => hasParams(row, cell.params ?? {}))
      .sort((a, b) => certainties.indexOf(a.certainty) - certainties.indexOf(b.certainty));
    if (best === undefined) return undefined;
    const value = Number(best.value) / (best.unit === '%' ? 100 : 1);
    return { value, certainty: best.certainty, source: best.source };
  };
  const figures = {
    accuracy: find('accuracy'),
    tps: find('TPS'),
    speedup: find('speedup'),
    nfe: find('NIS'),
  };
  return Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure !== undefined));
}

/** Whether a row is of these settings. One that names none is not of a point of a sweep. */
function hasParams({ params: text = '' }: PaperRow, params: Readonly<Record<string, Json>>): boolean {
  if (text === '') return Object.keys(params).length === 0;
  return text.split(';').every((part) => {
    const [path, value] = part.split('=');
    const own = params[path!];
    return typeof own === 'number' ? own === Number(value) : String(own) === value;
  });
}

/** `accuracy=secondary;tps=stated`, for the figures that summary.csv has; empty if nothing is published. */
export function certaintyLabel(figures: PublishedFigures | undefined): string {
  return Object.entries(figures ?? {})
    .filter(([name]) => name !== 'nfe')
    .map(([name, { certainty }]: [string, PublishedFigure]) => `${name}=${certainty}`)
    .join(';');
}
