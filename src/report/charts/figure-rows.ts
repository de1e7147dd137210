import { UsageError } from '../../errors.js';
import { readCsv } from '../../results/csv.js';

/**
 * The rows of a CSV file of a figure.
 *
 * @throws UsageError if it is missing or no CSV.
 */
export async function readFigureRows(path: string): Promise<readonly FigureRow[]> {
  return (await readCsv(path)).map((cells, i) => new FigureRow(cells, `${path}: row ${i + 2}`));
}

/** A row whose cells are checked as they are read. */
export class FigureRow {
  readonly #cells: Readonly<Record<string, string>>;
  readonly #where: string;

  constructor(cells: Readonly<Record<string, string>>, where: string) {
    this.#cells = cells;
    this.#where = where;
  }

  /** @throws UsageError `FIGURE_DATA` without such a column. */
  text(column: string): string {
    const cell = this.#cells[column];
    if (cell !== undefined) return cell;
    throw new UsageError(
      'FIGURE_DATA',
      `${this.#where}: there is no column ${column}; make the figure again with its command.`,
    );
  }

  /** @throws UsageError `FIGURE_DATA` for what is no number. */
  number(column: string): number {
    const value = this.numberOrNull(column);
    if (value !== null) return value;
    throw new UsageError('FIGURE_DATA', `${this.#where}: ${column} is empty; make the figure again.`);
  }

  /** Null for an empty cell. @throws UsageError `FIGURE_DATA` for other text. */
  numberOrNull(column: string): number | null {
    const text = this.text(column);
    if (text === '') return null;
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw new UsageError(
      'FIGURE_DATA',
      `${this.#where}: ${column} is ${JSON.stringify(text)} and not a number; make the figure again.`,
    );
  }
}
