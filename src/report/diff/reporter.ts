import type { DiffResult } from '../../results/diff/types.js';

/** Writes the outcome of `repro diff` for one kind of reader. */
export interface DiffReporter {
  /** Whole text, ending in a newline. */
  render(result: DiffResult): string;
}
