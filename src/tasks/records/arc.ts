import { z } from 'zod';
import { choiceLetter } from '../../scoring/filters/choice.js';
import { optionFields, statedAnswer } from './options.js';
import { recordKind } from './record.js';

const schema = z
  .object({
    id: z.string().min(1),
    question: z.string(),
    choices: z.object({ text: z.array(z.string()).min(2).max(5), label: z.array(z.string()) }),
    answerKey: z.string(),
  })
  .refine((record) => record.choices.text.length === record.choices.label.length, {
    message: 'has as many labels as texts',
    path: ['choices', 'label'],
  })
  .refine((record) => record.choices.label.includes(record.answerKey), {
    message: 'is one of the labels',
    path: ['answerKey'],
  });

/** `allenai/ai2_arc`: labels are A-D or 1-4, so the answer is found by its place among the labels. */
export const arc = recordKind(
  'arc',
  schema,
  (record) => {
    const answer = record.choices.label.indexOf(record.answerKey);
    return {
      fields: { ...optionFields(record.question, record.choices.text), letter: choiceLetter(answer) },
      target: choiceLetter(answer),
      solution: statedAnswer(answer, record.choices.text),
      choices: record.choices.text,
    };
  },
  'id',
);
