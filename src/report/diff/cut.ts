import type { CellComparison, DiffResult, LonelyCell, PairKey } from '../../results/diff/types.js';
import { changedText } from './text.js';

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

const shownDifferences = 40;
/** Cells that one side lacks. */
const shownLonely = 10;
/** Samples of one cell. */
const shownSamples = 3;

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

/** The cells that one side lacks, a text each; `other` is that side. */
export function lonelyTexts(
  cells: readonly LonelyCell[],
  other: string,
  name: (key: PairKey) => string,
): string[] {
  return firstOf(
    cells.map(({ key, wanted }) => `${name(key)}${wanted ? '' : ` (${other} was not asked for it)`}`),
    shownLonely,
  );
}

/** The samples of a cell that changed, a text each. */
export function changedTexts({ samples }: CellComparison): string[] {
  return firstOf((samples?.changed ?? []).map(changedText), shownSamples);
}

function firstOf(texts: readonly string[], most: number): string[] {
  return texts.length <= most ? [...texts] : [...texts.slice(0, most), `... and ${texts.length - most} more`];
}
