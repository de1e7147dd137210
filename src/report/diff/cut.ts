import type { CellComparison, DiffResult } from '../../results/diff/types.js';

/** What a reader is shown of a list that may be long. */
export interface CutCell {
  readonly cell: CellComparison;
  readonly columns: CellComparison['columns'];
}

export interface Cut {
  readonly cells: readonly CutCell[];
  readonly hiddenDifferences: number;
  readonly hiddenCells: number;
}

export const shownDifferences = 40;
/** Cells that one side lacks. */
export const shownLonely = 10;
/** Samples of one cell. */
export const shownSamples = 3;

/** The first differing cells with at most `shownDifferences` columns in all; a cell without any counts as one. */
export function cutDifferences({ cells }: DiffResult): Cut {
  const shown: CutCell[] = [];
  let [room, hiddenDifferences, hiddenCells] = [shownDifferences, 0, 0];
  for (const cell of cells) {
    if (cell.state !== 'differs') continue;
    if (room <= 0) {
      hiddenCells++;
      hiddenDifferences += cell.columns.length;
      continue;
    }
    const columns = cell.columns.slice(0, room);
    shown.push({ cell, columns });
    hiddenDifferences += cell.columns.length - columns.length;
    room -= Math.max(1, columns.length);
  }
  return { cells: shown, hiddenDifferences, hiddenCells };
}

/** Says what a cut left out; undefined if nothing. */
export function hiddenText({ hiddenDifferences, hiddenCells }: Cut): string | undefined {
  if (hiddenDifferences === 0 && hiddenCells === 0) return undefined;
  const where = hiddenCells === 0 ? '' : ` in ${hiddenCells} more ${hiddenCells === 1 ? 'cell' : 'cells'}`;
  return `${hiddenDifferences} more ${hiddenDifferences === 1 ? 'difference' : 'differences'}${where}; --json lists all`;
}
