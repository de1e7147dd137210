import type { TraceStep } from '../../decoding/trace.js';
import type { CsvCell } from '../../results/csv.js';
import { mean, median, quantile } from '../../stats/summary.js';
import type { FigureResult } from '../figures/study.js';

/** Whose thresholds a course is of. */
export interface CourseKey {
  readonly benchmark: string;
  readonly method: string;
  readonly tau0: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Columns of tau.csv. */
export const tauColumns = [
  'benchmark',
  'method',
  'tau0',
  'alpha',
  'beta',
  'step',
  'samples',
  'n',
  'mean',
  'q25',
  'median',
  'q75',
] as const;

/** Steps that the short table shows. */
const shownSteps = [0, 2, 4, 8, 16] as const;

interface Course {
  readonly key: CourseKey;
  /** By step the thresholds of all samples and positions, and how many samples came so far. */
  readonly steps: { readonly taus: number[]; samples: number }[];
  /** Passes of each sample. */
  readonly passes: number[];
}

/** The course of thresholds over the steps, pooled over samples and eligible positions, by benchmark and method. */
export class TauCourses {
  readonly #courses = new Map<string, Course>();

  /** Adds a sample. @param steps With `thresholds`; a step without an eligible position adds none. */
  add(key: CourseKey, steps: readonly TraceStep[]): void {
    const name = `${key.benchmark} ${key.method}`;
    const course = this.#courses.get(name) ?? { key, steps: [], passes: [] };
    this.#courses.set(name, course);
    course.passes.push(steps.length);
    for (const { step, thresholds } of steps) {
      course.steps[step] ??= { taus: [], samples: 0 };
      const pooled = course.steps[step];
      pooled.samples++;
      for (const tau of thresholds?.taus ?? []) pooled.taus.push(tau);
    }
  }

  result(): FigureResult {
    const courses = [...this.#courses.values()];
    return {
      tables: [{ name: 'tau', columns: tauColumns, rows: courses.flatMap(rowsOf) }],
      shown: {
        head: [
          ...['benchmark', 'method', 'alpha', 'beta', 'NFE'],
          ...shownSteps.map((step) => `tau at ${step}`),
          'at the last',
        ],
        rows: courses.map(shownRow),
      },
    };
  }
}

function rowsOf({ key, steps }: Course): Record<string, CsvCell>[] {
  return steps
    .map(({ taus, samples }, step) => ({ taus, samples, step }))
    .filter(({ taus }) => taus.length > 0)
    .map(({ taus, samples, step }) => ({
      ...key,
      ...{ step, samples, n: taus.length, mean: mean(taus) },
      ...{ q25: quantile(taus, 0.25), median: median(taus), q75: quantile(taus, 0.75) },
    }));
}

/** Means at some steps; `-` where no sample came so far. The last step is that of the longest sample. */
function shownRow({ key, steps, passes }: Course): string[] {
  const at = (step: number): string => {
    const taus = steps[step]?.taus ?? [];
    return taus.length === 0 ? '-' : mean(taus).toFixed(4);
  };
  const last = steps.length - 1;
  return [
    ...[key.benchmark, key.method, String(key.alpha), String(key.beta), mean(passes).toFixed(1)],
    ...shownSteps.map(at),
    `${at(last)} (${last})`,
  ];
}
