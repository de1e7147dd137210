import { createHash } from 'node:crypto';
import type { Item } from './item.js';
import type { Rng } from './rng.js';

/** A record in the schema of openai/openai_humaneval. */
export interface HumanEvalRecord {
  readonly task_id: string;
  readonly prompt: string;
  readonly canonical_solution: string;
  readonly test: string;
  readonly entry_point: string;
}

type Argument = number | string | readonly number[];
type Result = number | string | boolean | readonly number[];

interface Task {
  readonly parts: readonly (string | number)[];
  readonly name: string;
  readonly parameters: string;
  readonly doc: string;
  readonly body: string;
  readonly inputs: readonly (readonly Argument[])[];
  /** The reference in TypeScript; it gives the expected results of the checks. */
  run(...input: Argument[]): Result;
}

const VERBS = ['get', 'find', 'make', 'run'] as const;
const LISTS = ['nums', 'values', 'items', 'data'] as const;
const SCALARS = ['x', 'n', 'a', 'k'] as const;
const ARITHMETIC = [
  { word: 'plus', op: '+', run: (x: number, c: number): number => x + c },
  { word: 'minus', op: '-', run: (x: number, c: number): number => x - c },
  { word: 'times', op: '*', run: (x: number, c: number): number => x * c },
] as const;
const RELATIONS = [
  { word: 'greater than', op: '>', run: (x: number, c: number): boolean => x > c },
  { word: 'less than', op: '<', run: (x: number, c: number): boolean => x < c },
] as const;

const numbersOf = (rng: Rng): number[] => Array.from({ length: rng.int(3, 5) }, () => rng.int(0, 25));
const lists = (rng: Rng, c: number): number[][][] => [
  [[...numbersOf(rng), c, c + 1]],
  [numbersOf(rng)],
  [[c, c * 2, 1]],
];
const scalars = (rng: Rng, c: number): number[][] => [[c], [2 * c], [rng.int(0, 30)]];

const FAMILIES: readonly ((rng: Rng, verb: string, constant: number) => Task)[] = [
  function arithmetic(rng, verb, c) {
    const { word, op, run } = rng.pick(ARITHMETIC);
    const x = rng.pick(SCALARS);
    return {
      parts: [word, x],
      name: `${verb}_${word}`,
      parameters: x,
      doc: `Return ${x} ${word} ${c}.`,
      body: `    return ${x} ${op} ${c}\n`,
      inputs: scalars(rng, c),
      run: (v) => run(v as number, c),
    };
  },
  function filteredSum(rng, verb, c) {
    const { word, op, run } = rng.pick(RELATIONS);
    const list = rng.pick(LISTS);
    return {
      parts: [word, list],
      name: `${verb}_sum`,
      parameters: list,
      doc: `Return the sum of all elements of ${list} ${word} ${c}.`,
      body: `    return sum(v for v in ${list} if v ${op} ${c})\n`,
      inputs: lists(rng, c),
      run: (v) => (v as number[]).filter((e) => run(e, c)).reduce((s, e) => s + e, 0),
    };
  },
  function count(rng, verb, c) {
    const { word, op, run } = rng.pick(RELATIONS);
    const list = rng.pick(LISTS);
    return {
      parts: [word, list],
      name: `${verb}_count`,
      parameters: list,
      doc: `Count the elements of ${list} ${word} ${c}.`,
      body: `    count = 0\n    for v in ${list}:\n        if v ${op} ${c}:\n            count += 1\n    return count\n`,
      inputs: lists(rng, c),
      run: (v) => (v as number[]).filter((e) => run(e, c)).length,
    };
  },
  function mapped(rng, verb, c) {
    const { word, op, run } = rng.pick(ARITHMETIC);
    const list = rng.pick(LISTS);
    return {
      parts: [word, list],
      name: `${verb}_list`,
      parameters: list,
      doc: `Return a list with every element of ${list} ${word} ${c}.`,
      body: `    return [v ${op} ${c} for v in ${list}]\n`,
      inputs: lists(rng, c),
      run: (v) => (v as number[]).map((e) => run(e, c)),
    };
  },
  function divisible(rng, verb, c) {
    const list = rng.pick(LISTS);
    return {
      parts: [list],
      name: `${verb}_filter`,
      parameters: list,
      doc: `Return the elements of ${list} that are divisible by ${c}.`,
      body: `    return [v for v in ${list} if v % ${c} == 0]\n`,
      inputs: lists(rng, c),
      run: (v) => (v as number[]).filter((e) => e % c === 0),
    };
  },
  function check(rng, verb, c) {
    const x = rng.pick(SCALARS);
    return {
      parts: [x],
      name: `${verb}_check`,
      parameters: x,
      doc: `Return True if ${x} is divisible by ${c}.`,
      body: `    return ${x} % ${c} == 0\n`,
      inputs: scalars(rng, c),
      run: (v) => (v as number) % c === 0,
    };
  },
  function extreme(rng, verb, c) {
    const { word, op, run } = rng.pick(ARITHMETIC);
    const which = rng.pick(['largest', 'smallest'] as const);
    const list = rng.pick(LISTS);
    const best = which === 'largest' ? Math.max : Math.min;
    return {
      parts: [which, word, list],
      name: `${verb}_${which}`,
      parameters: list,
      doc: `Return the ${which} element of ${list} ${word} ${c}.`,
      body: `    return ${which === 'largest' ? 'max' : 'min'}(${list}) ${op} ${c}\n`,
      inputs: lists(rng, c),
      run: (v) => run(best(...(v as number[])), c),
    };
  },
  function product(rng, verb, c) {
    const list = rng.pick(LISTS);
    return {
      parts: [list],
      name: `${verb}_product`,
      parameters: list,
      doc: `Return ${c} times the product of all elements of ${list}.`,
      body: `    result = ${c}\n    for v in ${list}:\n        result *= v\n    return result\n`,
      inputs: lists(rng, c),
      run: (v) => (v as number[]).reduce((p, e) => p * e, c),
    };
  },
  function clip(rng, verb, c) {
    const x = rng.pick(SCALARS);
    return {
      parts: [x],
      name: `${verb}_clip`,
      parameters: x,
      doc: `Return ${c} if ${x} is greater than ${c}, otherwise return ${x}.`,
      body: `    if ${x} > ${c}:\n        return ${c}\n    return ${x}\n`,
      inputs: scalars(rng, c),
      run: (v) => Math.min(v as number, c),
    };
  },
  function first(rng, verb, c) {
    const { word, op, run } = rng.pick(RELATIONS);
    const list = rng.pick(LISTS);
    return {
      parts: [word, list],
      name: `${verb}_first`,
      parameters: list,
      doc: `Return the first element of ${list} ${word} ${c}, or -1 if there is none.`,
      body: `    for v in ${list}:\n        if v ${op} ${c}:\n            return v\n    return -1\n`,
      inputs: lists(rng, c),
      run: (v) => (v as number[]).find((e) => run(e, c)) ?? -1,
    };
  },
];

/** A value as Python writes it. */
function python(value: Argument | Result): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return String(value);
  return `[${value.join(', ')}]`;
}

/** One small function to complete: signature and docstring as the prompt, the body as the solution. */
export function humaneval(rng: Rng): Item<HumanEvalRecord> {
  const verb = rng.pick(VERBS);
  const constant = rng.int(2, 20);
  const family = rng.pick(FAMILIES);
  const { parts, name, parameters, doc, body, inputs, run } = family(rng, verb, constant);
  const key = `humaneval/${family.name}/${[verb, constant, ...parts].join(',')}`;
  const checks = inputs.map(
    (input) => `    assert candidate(${input.map(python).join(', ')}) == ${python(run(...input))}\n`,
  );
  return {
    key,
    record: {
      task_id: `MiniEval/${createHash('sha256').update(key).digest('hex').slice(0, 8)}`,
      prompt: `def ${name}(${parameters}):\n    """${doc}"""\n`,
      canonical_solution: body,
      test: `def check(candidate):\n${checks.join('')}`,
      entry_point: name,
    },
  };
}
