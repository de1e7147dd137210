import { z } from 'zod';
import { testProgram } from '../../scoring/filters/code.js';
import { recordKind } from './record.js';

const schema = z.object({
  task_id: z.string(),
  prompt: z.string(),
  canonical_solution: z.string(),
  test: z.string().regex(/def check\(/, 'defines no check()'),
  entry_point: z.string().regex(/^[A-Za-z_]\w*$/, 'is not a Python name'),
});

/** `openai/openai_humaneval`: a stub to complete, judged by running `check(entry_point)`. */
export const humaneval = recordKind(
  'humaneval',
  schema,
  (record) => {
    const code = { prompt: record.prompt, test: record.test, entryPoint: record.entry_point };
    return {
      fields: {
        prompt: record.prompt,
        entry_point: record.entry_point,
        canonical_solution: record.canonical_solution,
      },
      target: testProgram(code, record.prompt + record.canonical_solution),
      solution: record.canonical_solution,
      code,
    };
  },
  'task_id',
);
