import { formatCsv } from '../results/csv.js';
import type { Figure, Report } from './report.js';

/** Columns in front of the swept parameters, and those behind. */
const first = ['group', 'method', 'name'] as const;
const rest = [
  'column',
  'title',
  'figure',
  'unit',
  'ours',
  'low',
  'high',
  'remark',
  'published',
  'certainty',
  'source',
] as const;

/**
 * A report as a flat table for spreadsheets: one line a figure, ours and the published one beside each other, and a
 * column of its own for each swept parameter.
 */
export function renderCsv({ figures }: Report): string {
  const params = [...new Set(figures.flatMap((figure) => Object.keys(figure.params)))];
  return formatCsv([...first, ...params, ...rest], figures.map(lineOf));
}

function lineOf({ params, ...figure }: Figure): Record<string, string | number | null> {
  const values = Object.entries(params).map(([path, value]) => [
    path,
    typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return { ...Object.fromEntries(values), ...figure };
}
