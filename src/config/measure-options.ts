import { z } from 'zod';
import { UsageError } from '../errors.js';

/** How the runner measures speed; decides timing columns only, never an answer. */
export const measureOptions = z.strictObject({
  timing: z.boolean().default(true).meta({
    description:
      'Measure speed. Off, timing columns stay empty, several workers may run beside each other, and nothing is repeated.',
    source: 'ours',
  }),
  repeatSamples: z.number().int().min(1).default(4).meta({
    description: 'The first samples of each cell are the ones that are decoded again, round by round.',
    unit: 'samples',
    source: 'ours',
  }),
  minRounds: z.number().int().min(1).default(3).meta({
    description:
      'Rounds that each cell gets at least, the first decoding counted, while the time budget lasts.',
    unit: 'rounds',
    source: 'ours; an interval needs two',
  }),
  maxRounds: z.number().int().min(1).default(15).meta({
    description: 'Rounds after which a cell is left as it is, precise or not.',
    unit: 'rounds',
    source: 'ours',
  }),
  precision: z.number().positive().max(1).default(0.05).meta({
    description: 'Relative half-width of the 95 % interval of a speed at which a cell is done.',
    unit: 'share',
    source: 'ours',
  }),
  timeBudgetSeconds: z.number().min(0).default(120).meta({
    description: 'Time for all repeats together; cells whose precision was not reached by then are marked.',
    unit: 's',
    source: 'ours',
  }),
});

/** @throws UsageError `MEASURE_ROUNDS` where the least number of rounds is above the most. */
export function checkRounds({ minRounds, maxRounds }: MeasureOptions): void {
  if (minRounds <= maxRounds) return;
  throw new UsageError(
    'MEASURE_ROUNDS',
    `measure.minRounds is ${minRounds}, but measure.maxRounds is ${maxRounds}; set both.`,
  );
}

export type MeasureOptions = z.output<typeof measureOptions>;
