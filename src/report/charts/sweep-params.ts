import type { Json } from '../../config/canonical.js';
import { groupBy } from '../../group-by.js';
import type { Figure } from '../report.js';

/** What a sweep is drawn of, in the units of its axis. */
export const measures = [
  { figure: 'accuracy', label: 'accuracy %', scale: 100, digits: 1 },
  { figure: 'tps', label: 'canvas tokens per second', scale: 1, digits: 1 },
  { figure: 'nfe', label: 'NFE (passes)', scale: 1, digits: 1 },
] as const;
export type Measure = (typeof measures)[number];

/** Paths with several values, without those that go together with an earlier one, as `steps` with `genLength`. */
export function sweptPaths(figures: readonly Figure[]): string[] {
  const all = [...new Set(figures.flatMap(({ params }) => Object.keys(params)))];
  const swept = all.filter((path) => path !== 'benchmark' && valuesOf(figures, path).length > 1);
  return swept.filter((path, i) => !swept.slice(0, i).some((other) => follows(figures, path, other)));
}

function follows(figures: readonly Figure[], path: string, other: string): boolean {
  const own = figures.filter(({ params }) => path in params);
  if (own.some(({ params }) => !(other in params))) return false;
  const seen = groupBy(own, ({ params }) => text(params[other]!));
  return [...seen.values()].every((members) => valuesOf(members, path).length === 1);
}

/** Other parameters whose values change with these. */
export function sharers(figures: readonly Figure[], path: string): string[] {
  const all = [...new Set(figures.flatMap(({ params }) => Object.keys(params)))];
  return all.filter(
    (other) =>
      other !== path &&
      other !== 'benchmark' &&
      valuesOf(figures, other).length > 1 &&
      follows(figures, other, path),
  );
}

/** Values of a parameter, small before large where they are numbers. */
export function valuesOf(figures: readonly Figure[], path: string): Json[] {
  const values = new Map(
    figures.filter(({ params }) => path in params).map(({ params }) => [text(params[path]!), params[path]!]),
  );
  return ordered([...values.values()]);
}

/** Numbers by size; others as they come. */
function ordered(values: readonly Json[]): Json[] {
  const isNumeric = values.every((value) => typeof value === 'number');
  return isNumeric ? [...values].sort((a, b) => a - b) : [...values];
}

export function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
