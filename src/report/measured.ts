import type { SummaryRow } from '../results/columns.js';
import type { Interval } from '../stats/student.js';
import { mean } from '../stats/summary.js';
import { parseVerdict, type Validity, worstValidity } from './verdict.js';

/** Our figures of one cell: a method on a benchmark, or on the average of some. */
export interface MeasuredCell {
  /** Shares from 0 to 1; null for what was not measured. */
  readonly accuracy: number | null;
  readonly accuracyInterval: Interval | null;
  /** Canvas tokens per second. */
  readonly tps: number | null;
  readonly tpsInterval: Interval | null;
  /** Whether the interval of the rate is as narrow as the run was to make it. */
  readonly isTpsPrecise: boolean;
  readonly speedup: number | null;
  readonly speedupInterval: Interval | null;
  readonly nfe: number | null;
  /** Full passes with as many rows as were computed. */
  readonly rowNfe: number | null;
  /** Share of positions equal to the baseline's output. */
  readonly agreement: number | null;
  /** Samples that failed and count as wrong. */
  readonly errors: number;
  readonly samples: number;
  readonly validity: Validity | undefined;
  /** The words of the `verdict` column on accuracy and on the speed-up. */
  readonly accuracyVerdict: string;
  readonly speedupVerdict: string;
}

/** @param precision Relative half-width up to which the interval of a rate is narrow enough: 0.05 = +-5 %. */
export function measuredCell(row: SummaryRow, precision: number): MeasuredCell {
  const verdict = parseVerdict(row.verdict);
  const tpsInterval = interval(row.tps_low, row.tps_high);
  return {
    accuracy: row.accuracy,
    accuracyInterval: interval(row.accuracy_low, row.accuracy_high),
    tps: row.tps,
    tpsInterval,
    isTpsPrecise:
      row.tps !== null && tpsInterval !== null && relativeHalfWidth(row.tps, tpsInterval) <= precision,
    speedup: row.speedup,
    speedupInterval: interval(row.speedup_low, row.speedup_high),
    nfe: row.nfe_mean,
    rowNfe: row.row_nfe_mean,
    agreement: row.agreement,
    errors: row.errors ?? 0,
    samples: row.n ?? 0,
    validity: verdict.validity,
    accuracyVerdict: verdict.accuracy,
    speedupVerdict: verdict.speedup,
  };
}

/**
 * The average over benchmarks: means of the figures, without intervals. It is as precise and its speed-up as valid
 * as the worst of the parts; the speed-up itself depends on the baseline's average and is left open.
 */
export function averageCell(cells: readonly MeasuredCell[]): MeasuredCell {
  const average = (pick: (cell: MeasuredCell) => number | null): number | null => {
    const values = cells.map(pick).filter((value) => value !== null);
    return values.length < cells.length ? null : mean(values);
  };
  const validity = worstValidity(cells.map((cell) => cell.validity));
  return {
    accuracy: average(({ accuracy }) => accuracy),
    accuracyInterval: null,
    tps: average(({ tps }) => tps),
    tpsInterval: null,
    isTpsPrecise: cells.every(({ isTpsPrecise }) => isTpsPrecise),
    speedup: null,
    speedupInterval: null,
    nfe: average(({ nfe }) => nfe),
    rowNfe: average(({ rowNfe }) => rowNfe),
    agreement: average(({ agreement }) => agreement),
    errors: 0,
    samples: cells.reduce((total, { samples }) => total + samples, 0),
    validity,
    accuracyVerdict: '',
    speedupVerdict: validity === undefined ? '' : averageWords[validity],
  };
}

const averageWords: Readonly<Record<Validity, string>> = {
  valid: 'all speed-ups valid',
  unproven: 'not all speed-ups shown to be valid',
  invalid: 'not all speed-ups valid',
};

/** Half of the interval as a share of the value. */
export function relativeHalfWidth(value: number, { low, high }: Interval): number {
  return (high - low) / 2 / value;
}

function interval(low: number | null, high: number | null): Interval | null {
  return low === null || high === null ? null : { low, high };
}
