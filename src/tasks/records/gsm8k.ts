import { z } from 'zod';
import { recordKind } from './record.js';

const schema = z.object({
  question: z.string(),
  answer: z.string().regex(/#### ?\S/, 'has no final "#### number"'),
});

/** `openai/gsm8k`: the answer is a rationale with calculator marks and a last line `#### 72`. */
export const gsm8k = recordKind('gsm8k', schema, (record) => ({
  fields: { question: record.question, answer: record.answer },
  target: record.answer.slice(record.answer.lastIndexOf('####') + 4).trim(),
  solution: record.answer,
}));
