import type { Allowance, ColumnDifference } from '../../results/diff/types.js';
import type { DiffReporter } from './reporter.js';
import { countAll } from './text.js';

/** Raised when a field changes its name or meaning. */
export const diffSchemaVersion = 1;

/** For machines: one object with everything, nothing cut; numbers as numbers, null where there is no value. */
export const jsonReporter: DiffReporter = {
  render(result) {
    const { verdict, a, b, hardware, rules, cells, onlyInA, onlyInB, guards, timing, warnings, notes } =
      result;
    const columns = (list: readonly ColumnDifference[]) => list.map(plainDifference);
    const object = {
      schema: diffSchemaVersion,
      verdict,
      files: { a, b },
      hardware,
      rules,
      counts: countAll(result),
      notComparable: guards,
      differences: cells
        .filter(({ state }) => state === 'differs')
        .map((cell) => ({
          cell: cell.key,
          columns: columns(cell.columns),
          ...(cell.samples === undefined ? {} : { samples: cell.samples }),
        })),
      onlyInA,
      onlyInB,
      timing,
      // What moved and makes no difference: timing on other hardware, flips that are allowed.
      allowed: cells
        .filter(
          ({ state, shown, samples }) => shown.length > 0 || (state === 'same' && samples?.changed.length),
        )
        .map((cell) => ({
          cell: cell.key,
          columns: columns(cell.shown),
          ...(cell.samples === undefined ? {} : { samples: cell.samples }),
        })),
      warnings,
      notes,
    };
    return `${JSON.stringify(object)}\n`;
  },
};

function plainDifference({ column, group, a, b, allowed }: ColumnDifference) {
  const [from, to] = [number(a), number(b)];
  return {
    ...{ column, group, a: from, b: to },
    difference: from === null || to === null ? null : to - from,
    allowed: plainAllowance(allowed),
  };
}

function plainAllowance(allowed: Allowance) {
  return allowed.kind === 'exact' ? { kind: 'absolute', value: 0, why: 'exact' } : allowed;
}

function number(text: string): number | null {
  return text === '' ? null : Number(text);
}
