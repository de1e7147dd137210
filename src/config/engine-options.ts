import { z } from 'zod';
import { UsageError } from '../errors.js';
import { type Saving, savings } from '../graph/savings.js';
import { didYouMean } from '../suggest.js';

/** How the engine computes; decides timing and executed columns only, never an answer. */
export const engineOptions = z.strictObject({
  savings: z
    .union([z.enum(['all', 'none']), z.array(z.enum(savings))])
    .default('all')
    .meta({
      description: `Work that passes leave out without a change to any token: all, none, or a list of ${savings.join(', ')} (docs/savings.md). For measuring what each saves.`,
      source: 'ours',
    }),
});

export type EngineOptions = z.output<typeof engineOptions>;

/** The savings that options name. */
export function chosenSavings({ savings: chosen }: EngineOptions): readonly Saving[] {
  if (chosen === 'all') return savings;
  return chosen === 'none' ? [] : chosen;
}

/**
 * `--savings all|none|a,b`.
 * @throws UsageError `SAVINGS_UNKNOWN`
 */
export function parseSavings(text: string): EngineOptions['savings'] {
  if (text === 'all' || text === 'none') return text;
  return text.split(',').map((part) => {
    const name = part.trim();
    const known = savings.find((saving) => saving === name);
    if (known !== undefined) return known;
    throw new UsageError(
      'SAVINGS_UNKNOWN',
      `--savings: there is no saving "${name}"; type all, none, or a list of ${savings.join(', ')}.${didYouMean(name, savings)}`,
    );
  });
}
