import type { Json } from '../config/canonical.js';
import { missing } from './show.js';

/** What the parameters are called in full, and what an empty one means where there is one. */
export function parametersNote(
  paths: readonly string[],
  entries: readonly { readonly params: Readonly<Record<string, Json>> }[],
): string[] {
  if (paths.length === 0) return [];
  const hasGap = entries.some(({ params }) => paths.some((path) => params[path] === undefined));
  return [
    `parameters: ${paths.join(', ')}${hasGap ? '; - in their columns: does not concern the method' : ''}`,
  ];
}

/** A swept value as tables print it. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return missing;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The end of a path that no other one has: `layerBudget`. */
export function shortName(path: string, paths: readonly string[]): string {
  const parts = path.split('.');
  for (let count = 1; count < parts.length; count++) {
    const end = parts.slice(-count).join('.');
    if (paths.filter((other) => other === end || other.endsWith(`.${end}`)).length === 1) return end;
  }
  return path;
}
