import { describe, expect, it } from 'vitest';
import { gpqaOptionOrder } from '../../src/tasks/gpqa-order.js';
import { arc } from '../../src/tasks/records/arc.js';
import { gpqa } from '../../src/tasks/records/gpqa.js';
import { gsm8k } from '../../src/tasks/records/gsm8k.js';
import { humaneval } from '../../src/tasks/records/humaneval.js';
import { mmlu } from '../../src/tasks/records/mmlu.js';
import { fillTemplate } from '../../src/tasks/template.js';

describe('gpqaOptionOrder', () => {
  it('is the recorded one', () => {
    expect(
      ['rec06pnAkLOr2t2mp', 'reca259806c9f610519', 'x'].map((id) => gpqaOptionOrder(id).join('')),
    ).toEqual(['1320', '3210', '3021']);
  });
  it('puts the right answer on every letter about equally often', () => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[gpqaOptionOrder(`rec${i}`).indexOf(0)]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});

describe('records', () => {
  it('gpqa: options follow the order, the target is the right one', () => {
    const record = {
      Question: 'q',
      'Correct Answer': 'right',
      'Incorrect Answer 1': 'w1',
      'Incorrect Answer 2': 'w2',
      'Incorrect Answer 3': 'w3',
      'Record ID': 'reca259806c9f610519',
    };
    const view = gpqa.views([gpqa.schema.parse(record)])[0]!;
    expect(view.choices!['ABCD'.indexOf(view.target)]).toBe('right');
    expect([...view.choices!].sort()).toEqual(['right', 'w1', 'w2', 'w3']);
    expect(view.solution).toBe(`The answer is ${view.target}. right`);
  });

  it('arc: numeric labels are mapped by place', () => {
    const view = arc.views([
      arc.schema.parse({
        id: 'x',
        question: 'q',
        choices: { text: ['ruler', 'thermometer', 'balance'], label: ['1', '2', '3'] },
        answerKey: '3',
      }),
    ])[0]!;
    expect(view.target).toBe('C');
    expect(view.fields.options).toBe('A. ruler\nB. thermometer\nC. balance');
    expect(view.fields).not.toHaveProperty('d');
  });

  it('arc: a key that is no label is refused', () => {
    const record = {
      id: 'x',
      question: 'q',
      choices: { text: ['a', 'b'], label: ['A', 'B'] },
      answerKey: 'C',
    };
    expect(arc.schema.safeParse(record).success).toBe(false);
  });

  it('mmlu: the index becomes a letter; a fifth option is refused', () => {
    const record = { question: 'q', subject: 'global_facts', choices: ['a', ' b', 'c', 'd'], answer: 1 };
    const view = mmlu.views([mmlu.schema.parse(record)])[0]!;
    expect(view).toMatchObject({ target: 'B', group: 'global_facts', solution: 'The answer is B.  b' });
    expect(mmlu.schema.safeParse({ ...record, answer: 4 }).success).toBe(false);
    expect(mmlu.schema.safeParse({ ...record, choices: ['a', 'b', 'c', 'd', 'e'] }).success).toBe(false);
  });

  it('gsm8k: the target is what stands after the last ####', () => {
    expect(gsm8k.views([{ question: 'q', answer: 'a #### 1\n#### 1,250' }])[0]!.target).toBe('1,250');
  });

  it('humaneval: an entry point that is no name is refused', () => {
    const record = {
      task_id: 't',
      prompt: 'p',
      canonical_solution: 'c',
      test: 'def check(f): 0',
      entry_point: 'f',
    };
    expect(humaneval.schema.safeParse(record).success).toBe(true);
    expect(humaneval.schema.safeParse({ ...record, entry_point: 'f)#' }).success).toBe(false);
  });
});

describe('fillTemplate', () => {
  it('puts values in verbatim: no second pass, no $-patterns', () => {
    expect(fillTemplate('{question} {a}', { question: '{a} $& $1', a: ' x ' }, 't')).toBe('{a} $& $1  x ');
    expect(fillTemplate('{a|trim}', { a: ' x ' }, 't')).toBe('x');
  });
  it('reads no inherited property', () => {
    expect(() => fillTemplate('{constructor}', {}, 't')).toThrow(/which the record has not/);
  });
});
