import { z } from 'zod';
import { choiceLetter } from '../../scoring/filters/choice.js';
import { gpqaOptionOrder } from '../gpqa-order.js';
import { type GpqaAnswers, shuffleGpqa } from '../gpqa-shuffle.js';
import { optionFields, statedAnswer } from './options.js';
import { type RecordKind, type RecordView, recordKind } from './record.js';

const text = z.string();
const missing = z.string().nullish();
const domains = { 'High-level domain': missing, Subdomain: missing, Explanation: missing };

const schema = z.object({
  Question: text,
  'Correct Answer': text,
  'Incorrect Answer 1': text,
  'Incorrect Answer 2': text,
  'Incorrect Answer 3': text,
  'Record ID': text.min(1),
  ...domains,
});

/** `Idavidrein/gpqa` with options in an order that the record id decides: that of the generated benchmark. */
export const gpqa = recordKind(
  'gpqa',
  schema,
  (record) => {
    const answers = [
      record['Correct Answer'],
      record['Incorrect Answer 1'],
      record['Incorrect Answer 2'],
      record['Incorrect Answer 3'],
    ];
    const order = gpqaOptionOrder(record['Record ID']);
    const choices = order.map((index) => answers[index]!);
    return view(record, choices, order.indexOf(0));
  },
  'Record ID',
);

/** Some rows of the published file lack an answer, and copies of it lack the ids. */
const publishedSchema = schema.extend({
  'Correct Answer': text.nullable(),
  'Incorrect Answer 1': text.nullable(),
  'Incorrect Answer 2': text.nullable(),
  'Incorrect Answer 3': text.nullable(),
  'Record ID': missing,
  /** Options and answer as a harness logs them: shuffled already. */
  choices: z.array(text).length(4).optional(),
  answer: z
    .string()
    .regex(/^\(?[A-D]\)?$/, 'is not a letter from A to D')
    .optional(),
});
type Published = z.output<typeof publishedSchema>;

const published = (name: string, views: RecordKind<Published>['views']): RecordKind<Published> => ({
  name,
  schema: publishedSchema,
  idField: 'Record ID',
  isWholeFile: (records) => records.some((record) => logged(record) === undefined),
  views,
});

/** lm-eval's order: one generator of seed 0 through the whole file (`shuffleGpqa`). */
export const gpqaShuffled = published('gpqa-shuffled', (records) => {
  const shuffled = shuffleGpqa(records.map(answersOf));
  return records.map(
    (record, row) => logged(record) ?? view(record, shuffled[row]!.choices, shuffled[row]!.answer),
  );
});

const cycle = ['ABCD', 'BCDA', 'CDAB', 'DABC'] as const;

/**
 * OpenCompass' `GPQADataset`: for row r, counted from 1, the options [correct, incorrect 1, 2, 3] stand in the order
 * `cycle[r mod 4]`, without a generator.
 */
export const gpqaCyclic = published('gpqa-cyclic', (records) =>
  records.map((record, row) => {
    const { correct, incorrect } = answersOf(record);
    const answers = [correct, ...incorrect].map((answer) => answer ?? '');
    const order = [...cycle[(row + 1) % 4]!].map((letter) => letter.charCodeAt(0) - 65);
    const choices = order.map((index) => answers[index]!);
    return view(record, choices, choices.indexOf(answers[0]!));
  }),
);

/** The reading of a record with options in an order of its own. */
function logged(record: Published): RecordView | undefined {
  const { choices, answer } = record;
  if (choices === undefined || answer === undefined) return undefined;
  return view(record, choices, answer.replace(/[()]/g, '').charCodeAt(0) - 65);
}

function answersOf(record: Published): GpqaAnswers {
  return {
    correct: record['Correct Answer'],
    incorrect: [record['Incorrect Answer 1'], record['Incorrect Answer 2'], record['Incorrect Answer 3']],
  };
}

function view(record: Published, choices: readonly string[], answer: number): RecordView {
  const { Explanation: explanation, 'High-level domain': group } = record;
  return {
    fields: { ...optionFields(record.Question, choices), letter: choiceLetter(answer) },
    target: choiceLetter(answer),
    solution: [...(explanation ? [explanation] : []), statedAnswer(answer, choices)].join('\n'),
    choices,
    ...(group ? { group } : {}),
  };
}
