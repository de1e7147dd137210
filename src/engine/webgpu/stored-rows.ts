import type { UniformPlan } from '../types.js';

/** What a position's cached K and V are. */
type RowState = 'initial' | 'stored' | 'overwritten';

/**
 * Which rows of the caches hold what a policy stored. A pass on the device writes all rows that it computes in
 * place, also those that the policy does not store; such a row may not be read until it is stored, which the
 * policies keep to, since they leave out of a cache what they are going to compute again.
 */
export class StoredRows {
  readonly #states: RowState[];

  constructor(length: number) {
    this.#states = new Array<RowState>(length).fill('initial');
  }

  /**
   * Whether a pass may write its rows in place; else it must leave the caches as they are.
   * @throws Error for a plan that cannot be run so: it reads a row that was overwritten, or stores some rows and
   * keeps others that it computes.
   */
  admit({ rows, store }: UniformPlan): 'write' | 'keep' {
    const computed = new Set(rows);
    const stored = new Set(store === 'all' ? rows : store === 'none' ? [] : store);
    const unread = this.#states.findIndex((state, i) => state === 'overwritten' && !computed.has(i));
    if (unread >= 0) {
      throw new Error(`row ${unread} was computed without being stored, and a later pass reads its cache`);
    }
    const lost = rows.some((row) => this.#states[row] === 'stored' && !stored.has(row));
    if (lost && stored.size > 0) {
      throw new Error('a pass stores some rows and computes other stored ones without storing them');
    }
    if (lost) return 'keep';
    for (const row of rows) this.#states[row] = stored.has(row) ? 'stored' : 'overwritten';
    return 'write';
  }
}
