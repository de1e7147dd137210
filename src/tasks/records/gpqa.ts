import { z } from 'zod';
import { choiceLetter } from '../../scoring/filters/choice.js';
import { gpqaOptionOrder } from '../gpqa-order.js';
import { optionFields, statedAnswer } from './options.js';
import { recordKind } from './record.js';

const schema = z.object({
  Question: z.string(),
  'Correct Answer': z.string(),
  'Incorrect Answer 1': z.string(),
  'Incorrect Answer 2': z.string(),
  'Incorrect Answer 3': z.string(),
  'Record ID': z.string().min(1),
  'High-level domain': z.string().optional(),
  Subdomain: z.string().optional(),
  Explanation: z.string().optional(),
});

/** `Idavidrein/gpqa`: options in an order that the record id decides. */
export const gpqa = recordKind('gpqa', schema, (record) => {
  const answers = [
    record['Correct Answer'],
    record['Incorrect Answer 1'],
    record['Incorrect Answer 2'],
    record['Incorrect Answer 3'],
  ];
  const order = gpqaOptionOrder(record['Record ID']);
  const choices = order.map((index) => answers[index]!);
  const answer = order.indexOf(0);
  const explanation = record.Explanation;
  const group = record['High-level domain'];
  return {
    fields: optionFields(record.Question, choices),
    target: choiceLetter(answer),
    solution: [...(explanation === undefined ? [] : [explanation]), statedAnswer(answer, choices)].join('\n'),
    choices,
    ...(group === undefined ? {} : { group }),
  };
});
