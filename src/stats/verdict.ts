import { type PairedCounts, pairedDifferenceInterval } from './paired-difference.js';
import { neededForDifference, neededForEquivalence, neededForNonInferiority } from './sample-size.js';

/** What counts as the same accuracy, as a share: 1 point. */
export const defaultMargin = 0.01;
/** An answer may be this much of the baseline's length: MLPerf's rule, so that nobody gets fast by being brief. */
export const leastLengthRatio = 0.9;
const significance = 0.05;

/** The accuracy of a method beside the baseline's on the same samples. */
export type AccuracyVerdict =
  | { readonly kind: 'better' | 'worse' }
  /** The interval of the difference lies within the margin. */
  | { readonly kind: 'same'; readonly margin: number }
  /** `needed`: samples that would settle it, one way or the other, if the pairs went on as they do. */
  | { readonly kind: 'unknown'; readonly n: number; readonly needed: number };

/** Of the test behind a verdict. */
export interface FamilyTest {
  /** McNemar's p, adjusted for the family (see `holm.ts`). */
  readonly adjustedP: number;
  /** Methods that are compared with the baseline side by side. */
  readonly comparisons: number;
}

/**
 * Same if the 95 % interval of the paired difference is inside the margin, whether or not a small difference is
 * established; else better or worse if the adjusted p is below 0.05; else unknown.
 */
export function accuracyVerdict(
  counts: PairedCounts,
  { adjustedP, comparisons }: FamilyTest,
  margin = defaultMargin,
): AccuracyVerdict {
  const { low, high } = pairedDifferenceInterval(counts);
  if (low > -margin && high < margin) return { kind: 'same', margin };
  const { n, gained, lost } = counts;
  if (adjustedP < significance) return { kind: gained > lost ? 'better' : 'worse' };
  const [difference, discordant] = [(gained - lost) / n, (gained + lost) / n];
  const expected = Math.min(
    neededForDifference(difference, discordant, { alpha: significance / comparisons }),
    neededForEquivalence(difference, discordant, margin),
  );
  // Designs are for 8 times in 10: these samples may be as many already, and did not settle it.
  const needed = Math.max(expected, n + 1);
  return { kind: 'unknown', n, needed };
}

/** Whether a speed-up is one at the same quality. */
export type SpeedupValidity =
  | { readonly kind: 'valid' }
  | {
      readonly kind: 'invalid';
      /** Set where answers are too short: their mean length by the baseline's. */
      readonly lengthRatio?: number;
      /** Set where the accuracy is lower by more than the margin, for all the interval tells: by how much. */
      readonly loss?: number;
    }
  /** The loss that the interval leaves open, and the samples that would exclude it if there is none. */
  | { readonly kind: 'unproven'; readonly possibleLoss: number; readonly needed: number };

/**
 * Valid if the accuracy is non-inferior (the 95 % interval of the paired difference above -margin) and answers
 * are at least 90 % as long.
 *
 * @param lengthRatio Mean answer length, tokens to end-of-text, by the baseline's on the same samples.
 */
export function speedupValidity(
  counts: PairedCounts,
  lengthRatio: number,
  margin = defaultMargin,
): SpeedupValidity {
  const { low, high } = pairedDifferenceInterval(counts);
  const { n, gained, lost } = counts;
  const tooShort = lengthRatio < leastLengthRatio;
  const inferior = high < -margin;
  if (tooShort || inferior) {
    return {
      kind: 'invalid',
      ...(tooShort ? { lengthRatio } : {}),
      ...(inferior ? { loss: (lost - gained) / n } : {}),
    };
  }
  if (low > -margin) return { kind: 'valid' };
  return {
    kind: 'unproven',
    possibleLoss: -low,
    needed: Math.max(neededForNonInferiority(0, (gained + lost) / n, margin), n + 1),
  };
}

export function accuracyWords(verdict: AccuracyVerdict): string {
  switch (verdict.kind) {
    case 'same': {
      const points = Number((verdict.margin * 100).toPrecision(6));
      return `same within ${points} ${points === 1 ? 'point' : 'points'}`;
    }
    case 'unknown':
      return `cannot tell with n = ${verdict.n} (needs about ${roundedUp(verdict.needed)})`;
    default:
      return verdict.kind;
  }
}

/** Bounds are rounded away from what they would excuse: 89.7 % as 89 %, a loss of 6.13 points as 6.2. */
export function validityWords(validity: SpeedupValidity): string {
  switch (validity.kind) {
    case 'valid':
      return 'speed-up valid';
    case 'invalid': {
      const { lengthRatio, loss } = validity;
      const reasons = [
        ...(lengthRatio === undefined
          ? []
          : [`answers are ${Math.floor(snapped(lengthRatio * 100))} % as long`]),
        ...(loss === undefined ? [] : [`accuracy is ${(loss * 100).toFixed(1)} points lower`]),
      ];
      return `speed-up not valid: ${reasons.join(' and ')}`;
    }
    case 'unproven': {
      const points = (Math.ceil(snapped(validity.possibleLoss * 1000)) / 10).toFixed(1);
      const needed = `needs about n = ${roundedUp(validity.needed)}`;
      return `speed-up not shown to be valid: accuracy may be ${points} points lower (${needed})`;
    }
  }
}

/** To two significant digits. */
function roundedUp(samples: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(samples)) - 1);
  return Math.ceil(snapped(samples / unit)) * unit;
}

/** Without the last digits, which are rounding errors. */
function snapped(value: number): number {
  return Number(value.toPrecision(12));
}
