import { createHash } from 'node:crypto';

/** A value that JSON can hold without loss. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * JSON with sorted keys and no blanks: equal values give equal text. Absent and `undefined` keys are the same.
 *
 * @throws TypeError for what JSON cannot hold (NaN, infinities, functions): a resolved config has none.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  const plain = value === null || typeof value === 'string' || typeof value === 'boolean';
  if (!plain && !(typeof value === 'number' && Number.isFinite(value))) {
    throw new TypeError(`${String(value)} has no canonical JSON`);
  }
  return JSON.stringify(value);
}

/** Hex sha256 of the canonical JSON. */
export function canonicalSha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
