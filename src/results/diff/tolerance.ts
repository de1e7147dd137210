import { UsageError } from '../../errors.js';
import { didYouMean } from '../../suggest.js';
import {
  type ColumnGroup,
  columnGroups,
  isTextColumn,
  type SummaryColumn,
  summaryColumns,
} from '../columns.js';

/** Ends of intervals: they say how well another column is known, and are not compared for themselves. */
export const timingBounds: ReadonlySet<SummaryColumn> = new Set([
  'tps_low',
  'tps_high',
  'speedup_low',
  'speedup_high',
]);

/** Columns whose tolerance is a difference; all others take a part of A's value. */
const shares: ReadonlySet<SummaryColumn> = new Set([
  'accuracy',
  'accuracy_low',
  'accuracy_high',
  'agreement',
  'identical',
]);

const columnOf = new Map<string, ColumnGroup>(
  Object.entries(columnGroups).flatMap(([group, columns]) =>
    columns.map((column) => [column, group as ColumnGroup] as const),
  ),
);

/** Tolerances by column, and one for all timing columns under the name `timing`. */
export type Tolerances = ReadonlyMap<SummaryColumn | 'timing', number>;

export function groupOf(column: SummaryColumn): ColumnGroup {
  return columnOf.get(column)!;
}

export function isShare(column: SummaryColumn): boolean {
  return shares.has(column);
}

/** The tolerance stated for a column, by its own name or by `timing`. */
export function toleranceOf(tolerances: Tolerances, column: SummaryColumn): number | undefined {
  if (tolerances.size === 0) return undefined;
  const own = tolerances.get(column);
  if (own !== undefined || groupOf(column) !== 'timing' || timingBounds.has(column)) return own;
  return tolerances.get('timing');
}

/**
 * Reads `tps=0.1`, `tps=10%`, `timing=0.1`, `accuracy=0.01`; of two for one column the later one counts.
 *
 * @throws UsageError `TOLERANCE`
 */
export function parseTolerances(texts: readonly string[]): Tolerances {
  const allowed = summaryColumns.filter(
    (column) => ['deterministic', 'executed', 'timing'].includes(groupOf(column)) && !isTextColumn(column),
  );
  return new Map(
    texts.map((text) => {
      const [, name = '', number = '', percent] = /^([^=]*)=\s*(\d*\.?\d+|\d+\.)\s*(%?)$/.exec(text) ?? [];
      if (number === '') {
        throw new UsageError(
          'TOLERANCE',
          `--tolerance ${text}: write column=value, for example tps=0.1 or timing=10%.`,
        );
      }
      const column = name.trim();
      if (column !== 'timing' && !(allowed as readonly string[]).includes(column)) {
        const options = ['timing', ...allowed];
        const known = (summaryColumns as readonly string[]).includes(column);
        throw new UsageError(
          'TOLERANCE',
          known
            ? `--tolerance ${text}: column "${column}" is not compared.`
            : `--tolerance ${text}: there is no column "${column}".${didYouMean(column, options)}`,
        );
      }
      return [column as SummaryColumn | 'timing', Number(number) / (percent === '%' ? 100 : 1)];
    }),
  );
}
