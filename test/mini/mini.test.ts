import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  BENCHMARKS,
  type Benchmark,
  type Example,
  TEST_RECORDS,
  testSet,
  trainStream,
} from '../../scripts/mini/benchmarks.js';
import { SEED } from '../../scripts/mini/generate.js';
import { gpqaOrder } from '../../scripts/mini/gpqa-order.js';
import { splitOf } from '../../scripts/mini/item.js';

const committed = (name: Benchmark): string =>
  readFileSync(join(import.meta.dirname, '../../tasks/mini', `${name}.test.jsonl`), 'utf8');

function take(name: Benchmark, count: number): Example[] {
  const out: Example[] = [];
  for (const example of trainStream(name, SEED)) if (out.push(example) === count) break;
  return out;
}

/** The elementary equations written out in a text, `7+8=15`. */
function equations(text: string): [number, string, number, number][] {
  return [...text.matchAll(/(\d+)([-+*/])(\d+)=(\d+)/g)].map(
    (m) => [Number(m[1]), m[2] ?? '', Number(m[3]), Number(m[4])] as [number, string, number, number],
  );
}

function evaluate(a: number, op: string, b: number): number {
  return op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : a / b;
}

describe.each(BENCHMARKS)('mini %s', (name) => {
  const test = testSet(name, SEED);

  it('is the committed file, byte for byte', () => {
    expect(test.map(({ record }) => `${JSON.stringify(record)}\n`).join('')).toBe(committed(name));
    expect(test.length).toBe(TEST_RECORDS);
    expect(new Set(test.map(({ prompt }) => prompt)).size).toBe(TEST_RECORDS);
  });

  it('shares no key and no prompt with the training stream', () => {
    const train = take(name, 8000);
    const keys = new Set(test.map(({ key }) => key));
    const prompts = new Set(test.map(({ prompt }) => prompt));
    expect(train.filter(({ key, prompt }) => keys.has(key) || prompts.has(prompt))).toEqual([]);
    expect(train.every(({ key }) => splitOf(key) === 'train')).toBe(true);
    expect(test.every(({ key }) => splitOf(key) === 'test')).toBe(true);
  });

  it('writes only true equations, and its responses fit the canvas', () => {
    for (const { response } of test) {
      for (const [a, op, b, value] of equations(response)) expect(value).toBe(evaluate(a, op, b));
      expect(response.length).toBeLessThan(260);
    }
  });
});

describe('gold answers', () => {
  it('gsm8k: the last line is the last step', () => {
    for (const { record, response } of testSet('gsm8k', SEED)) {
      const { answer } = record as { answer: string };
      const value = /\n#### (\d+)$/.exec(answer)?.[1];
      expect(
        answer
          .match(/<<[^>]+=(\d+)>>(\d+)/g)
          ?.at(-1)
          ?.endsWith(`=${value}>>${value}`),
      ).toBe(true);
      expect(response).toBe(answer);
    }
  });

  it('math: one boxed answer, and it is the last equation or the fraction asked for', () => {
    for (const { response } of testSet('math', SEED)) {
      const boxed = response.match(/\\boxed\{(.*)\}\$\.$/)?.[1] ?? '';
      const last = equations(response).at(-1)?.[3];
      expect([`${last}`, boxed.match(/^\\frac\{\d+\}\{(\d+)\}$/)?.[0]]).toContain(boxed);
      if (boxed.startsWith('\\frac')) expect(boxed.endsWith(`{${last}}`)).toBe(true);
    }
  });

  it.each(['mmlu', 'arc', 'gpqa'] as const)('%s: the named letter stands before the named option', (name) => {
    const letters = testSet(name, SEED).map(({ prompt, response }) => {
      const line = response.match(/The answer is ([A-D]\. .+)$/)?.[1] ?? 'none';
      expect(prompt.split('\n').filter((option) => option === line)).toEqual([line]);
      return line[0];
    });
    for (const letter of 'ABCD') expect(letters.filter((l) => l === letter).length).toBeGreaterThan(35);
  });

  it('mmlu and arc: the index or key of the record is the one in the response', () => {
    for (const { record, response } of testSet('mmlu', SEED)) {
      const { answer, choices } = record as { answer: number; choices: string[] };
      expect(response.endsWith(`The answer is ${'ABCD'[answer]}. ${choices[answer]}`)).toBe(true);
      expect(response).toContain(`${'ABCD'[answer]}. ${choices[answer]} yes\n`);
      expect(response.match(/ no\n/g)?.length).toBe(3);
      expect(new Set(choices).size).toBe(4);
    }
    for (const { record, response } of testSet('arc', SEED)) {
      const { answerKey, choices } = record as { answerKey: string; choices: { text: string[] } };
      const named = `${answerKey}. ${choices.text['ABCD'.indexOf(answerKey)]}`;
      expect(response.endsWith(`The answer is ${named}`)).toBe(true);
      expect(response).toContain(`${named} yes\n`);
    }
  });

  it('gpqa: the shown order is a permutation fixed by the record id', () => {
    expect(gpqaOrder('rec06pnAkLOr2t2mp')).toEqual(gpqaOrder('rec06pnAkLOr2t2mp'));
    const seen = new Set(
      testSet('gpqa', SEED).map(({ record }) => gpqaOrder((record as never)['Record ID']).join()),
    );
    expect(seen.size).toBeGreaterThan(20);
    for (const order of seen) expect(order.split(',').sort()).toEqual(['0', '1', '2', '3']);
  });

  it('humaneval: the name is defined and every check names an expected value', () => {
    for (const { record } of testSet('humaneval', SEED)) {
      const { prompt, canonical_solution: body, test, entry_point: name } = record as Record<string, string>;
      expect(prompt).toMatch(new RegExp(`^def ${name}\\(\\w+\\):\\n {4}"""[^"]+"""\\n$`));
      expect(body?.split('\n').every((line) => line === '' || line.startsWith('    '))).toBe(true);
      expect(test?.match(/assert candidate\(.+\) == .+\n/g)?.length).toBe(3);
    }
  });
});
