import { z } from 'zod';
import { extractBoxed } from '../../scoring/filters/boxed.js';
import { recordKind } from './record.js';

const schema = z.object({
  problem: z.string(),
  level: z.string(),
  type: z.string(),
  solution: z.string().refine((text) => extractBoxed(text) !== null, 'has no complete \\boxed{...}'),
});

/** `EleutherAI/hendrycks_math`: the answer is the last box of the solution. */
export const math = recordKind('math', schema, (record) => ({
  fields: { problem: record.problem, solution: record.solution, answer: extractBoxed(record.solution)! },
  target: extractBoxed(record.solution)!,
  solution: record.solution,
  group: record.type,
}));
