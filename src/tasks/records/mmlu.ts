import { z } from 'zod';
import { choiceLetter } from '../../scoring/filters/choice.js';
import { optionFields, statedAnswer } from './options.js';
import { recordKind } from './record.js';

const schema = z.object({
  question: z.string(),
  subject: z.string(),
  choices: z.array(z.string()).length(4),
  answer: z
    .number({
      error: 'is neither a letter from A to D nor 0 to 3 (a header line is no question: take it out)',
    })
    .int()
    .min(0)
    .max(3),
});

/** `cais/mmlu`: four options, the answer an index. */
export const mmlu = recordKind('mmlu', schema, (record) => ({
  fields: {
    ...optionFields(record.question, record.choices),
    subject: record.subject.replaceAll('_', ' '),
    letter: choiceLetter(record.answer),
  },
  target: choiceLetter(record.answer),
  solution: statedAnswer(record.answer, record.choices),
  choices: record.choices,
  group: record.subject,
}));
