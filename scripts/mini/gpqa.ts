import { createHash } from 'node:crypto';
import { drawWhere, equation, factValue, isFact, type Operator } from './facts.js';
import type { Item } from './item.js';
import type { Rng } from './rng.js';

/** A record in the schema of Idavidrein/gpqa, with the columns that the loader reads. */
export interface GpqaRecord {
  readonly Question: string;
  readonly 'Correct Answer': string;
  readonly 'Incorrect Answer 1': string;
  readonly 'Incorrect Answer 2': string;
  readonly 'Incorrect Answer 3': string;
  readonly Explanation: string;
  readonly 'Record ID': string;
  readonly 'High-level domain': string;
  readonly Subdomain: string;
}

interface Family {
  readonly name: string;
  readonly domain: string;
  readonly subdomain: string;
  readonly op: Operator;
  readonly symbol: string;
  readonly unit: string;
  ask(a: number, b: number): string;
}

const FAMILIES: readonly Family[] = [
  {
    name: 'netForce',
    domain: 'Physics',
    subdomain: 'Classical Mechanics',
    op: '-',
    symbol: 'F',
    unit: 'N',
    ask: (a, b) => `A box is pushed with ${a} N against a friction of ${b} N. What is the net force?`,
  },
  {
    name: 'resistance',
    domain: 'Physics',
    subdomain: 'Electromagnetism',
    op: '/',
    symbol: 'R',
    unit: 'ohm',
    ask: (a, b) => `A voltage of ${a} V drives a current of ${b} A. What is the resistance?`,
  },
  {
    name: 'current',
    domain: 'Physics',
    subdomain: 'Electromagnetism',
    op: '/',
    symbol: 'I',
    unit: 'A',
    ask: (a, b) => `A charge of ${a} C flows in ${b} s. What is the current?`,
  },
  {
    name: 'molarity',
    domain: 'Chemistry',
    subdomain: 'General Chemistry',
    op: '/',
    symbol: 'c',
    unit: 'M',
    ask: (a, b) => `A solution holds ${a} mol in ${b} L. What is its molarity?`,
  },
  {
    name: 'moles',
    domain: 'Chemistry',
    subdomain: 'General Chemistry',
    op: '*',
    symbol: 'n',
    unit: 'mol',
    ask: (a, b) => `How many moles are in ${a} L of a ${b} M solution?`,
  },
  {
    name: 'population',
    domain: 'Biology',
    subdomain: 'Genetics',
    op: '+',
    symbol: 'N',
    unit: 'cells',
    ask: (a, b) => `A culture of ${a} cells gains ${b} cells. What is its size?`,
  },
];

/** Possible answers, one token each. */
const DIGITS = [2, 3, 4, 5, 6, 7, 8, 9];

/** One quantity from one law; answers are single digits, distractors three other digits with the same unit. */
export function gpqa(rng: Rng): Item<GpqaRecord> {
  const { name, domain, subdomain, op, symbol, unit, ask } = rng.pick(FAMILIES);
  const [a, b] = drawWhere(
    () => [rng.int(1, 20), rng.int(1, 8)] as const,
    ([x, y]) => isFact(x, op, y) && DIGITS.includes(factValue(x, op, y)),
  );
  const right = factValue(a, op, b);
  const wrong = rng.sample(
    DIGITS.filter((digit) => digit !== right),
    3,
  );
  const key = `gpqa/${name}/${a},${b}/${[...wrong].sort().join(',')}`;
  const id = createHash('sha256')
    .update(`${key}/${wrong.join(',')}`)
    .digest('hex')
    .slice(0, 16);
  return {
    key,
    record: {
      Question: ask(a, b),
      'Correct Answer': `${right} ${unit}`,
      'Incorrect Answer 1': `${wrong[0]} ${unit}`,
      'Incorrect Answer 2': `${wrong[1]} ${unit}`,
      'Incorrect Answer 3': `${wrong[2]} ${unit}`,
      Explanation: `${symbol} = ${equation(a, op, b)} ${unit}.`,
      'Record ID': `rec${id}`,
      'High-level domain': domain,
      Subdomain: subdomain,
    },
  };
}
