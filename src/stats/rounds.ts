import { type Interval, studentQuantile } from './student.js';
import { mean, median, standardDeviation } from './summary.js';

/** A speed, or a ratio of speeds, from repeated rounds. */
export interface RoundsEstimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Half of (high - low) as a share of the median: what the runner repeats for. */
  readonly relativeHalfWidth: number;
}

/**
 * The speed behind repeated rounds. Noise of timings is multiplicative and skewed, so the interval is
 * Student's on the logs: that of the geometric mean, which is the median where the logs are symmetric. A
 * minority of slow rounds can pull it off the sample median; it is then widened up to there.
 *
 * @param values One speed a round, all > 0.
 * @returns Undefined below two values.
 * @throws RangeError if a value is not a positive number.
 */
export function roundsEstimate(values: readonly number[], confidence = 0.95): RoundsEstimate | undefined {
  if (values.length < 2) return undefined;
  const logs = logarithms(values);
  const error = standardDeviation(logs) / Math.sqrt(logs.length);
  return around(median(values), mean(logs), error, values.length - 1, confidence);
}

/**
 * How many times as fast as a baseline, from the rounds of each: the ratio of the medians, with the interval
 * of Welch (1947) on the logs and Satterthwaite's degrees of freedom (1946), widened where needed to hold the
 * ratio. The two runs differ if 1 is outside.
 *
 * @returns Undefined if either has fewer than two values.
 * @throws RangeError if a value is not a positive number.
 */
export function ratioEstimate(
  own: readonly number[],
  baseline: readonly number[],
  confidence = 0.95,
): RoundsEstimate | undefined {
  if (own.length < 2 || baseline.length < 2) return undefined;
  const [a, b] = [logarithms(own), logarithms(baseline)];
  const [varianceA, varianceB] = [squaredError(a), squaredError(b)];
  const variance = varianceA + varianceB;
  const degreesOfFreedom =
    variance === 0
      ? a.length + b.length - 2
      : variance ** 2 / (varianceA ** 2 / (a.length - 1) + varianceB ** 2 / (b.length - 1));
  const ratio = median(own) / median(baseline);
  return around(ratio, mean(a) - mean(b), Math.sqrt(variance), degreesOfFreedom, confidence);
}

/** Of the mean. */
function squaredError(values: readonly number[]): number {
  return standardDeviation(values) ** 2 / values.length;
}

function logarithms(values: readonly number[]): number[] {
  return values.map((value) => {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`no speed: ${value}`);
    return Math.log(value);
  });
}

function around(
  middle: number,
  centreLog: number,
  errorLog: number,
  degreesOfFreedom: number,
  confidence: number,
): RoundsEstimate {
  const margin = studentQuantile((1 + confidence) / 2, degreesOfFreedom) * errorLog;
  const { low, high } = containing(middle, {
    low: Math.exp(centreLog - margin),
    high: Math.exp(centreLog + margin),
  });
  return { median: middle, low, high, relativeHalfWidth: (high - low) / 2 / middle };
}

function containing(value: number, { low, high }: Interval): Interval {
  return { low: Math.min(low, value), high: Math.max(high, value) };
}
