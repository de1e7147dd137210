import { annotate, drawWhere, factors, isFact } from './facts.js';
import type { Item } from './item.js';
import type { Rng } from './rng.js';

/** A record in the schema of openai/gsm8k. */
export interface Gsm8kRecord {
  readonly question: string;
  readonly answer: string;
}

interface Story {
  readonly numbers: readonly number[];
  readonly question: string;
  readonly steps: readonly string[];
  readonly value: number;
}

interface Cast {
  readonly name: string;
  readonly other: string;
  readonly things: string;
  readonly boxes: string;
}

const NAMES = ['Tom', 'Anna', 'Ben', 'Lily', 'Sam', 'Mia', 'Leo', 'Zoe'] as const;
const THINGS = ['apples', 'pens', 'books', 'cards', 'coins', 'eggs', 'cups', 'balls'] as const;
const BOXES = ['bags', 'boxes'] as const;

const FAMILIES: readonly ((rng: Rng, cast: Cast) => Story)[] = [
  function giveAway(rng, { name, other, things, boxes }) {
    const [a, b] = factors(rng);
    const c = drawWhere(
      () => rng.int(1, 8),
      (value) => isFact(a * b, '-', value),
    );
    return {
      numbers: [a, b, c],
      question: `${name} has ${a} ${boxes} with ${b} ${things} in each. ${name} gives ${c} ${things} to ${other}. How many ${things} does ${name} have left?`,
      steps: [
        `${name} has ${annotate(a, '*', b)} ${things}.`,
        `${name} has ${annotate(a * b, '-', c)} ${things} left.`,
      ],
      value: a * b - c,
    };
  },
  function buyAndLose(rng, { name, things }) {
    const [a, b, c] = drawWhere(
      () => [rng.int(2, 12), rng.int(2, 8), rng.int(2, 8)] as const,
      ([x, y, z]) => isFact(x, '+', y) && isFact(x + y, '-', z),
    );
    return {
      numbers: [a, b, c],
      question: `${name} has ${a} ${things}. ${name} buys ${b} more and then loses ${c}. How many ${things} does ${name} have now?`,
      steps: [
        `${name} has ${annotate(a, '+', b)} ${things} after buying.`,
        `${name} has ${annotate(a + b, '-', c)} ${things} now.`,
      ],
      value: a + b - c,
    };
  },
  function totalCost(rng, { name, things }) {
    const [[a, b], [c, d]] = drawWhere(
      () => [factors(rng), factors(rng)] as const,
      ([x, y]) => isFact(x[0] * x[1], '+', y[0] * y[1]),
    );
    return {
      numbers: [a, b, c, d],
      question: `${name} buys ${a} ${things} for $${b} each and ${c} hats for $${d} each. How much does ${name} pay in total?`,
      steps: [
        `The ${things} cost $${annotate(a, '*', b)}.`,
        `The hats cost $${annotate(c, '*', d)}.`,
        `${name} pays $${annotate(a * b, '+', c * d)}.`,
      ],
      value: a * b + c * d,
    };
  },
  function timesAsMany(rng, { name, other, things }) {
    const [a, k, c] = drawWhere(
      () => [rng.int(2, 5), rng.int(2, 5), rng.int(1, 8)] as const,
      ([x, y, z]) => isFact(x, '*', y) && isFact(x * y, '+', x) && isFact(x * y + x, '-', z),
    );
    return {
      numbers: [a, k, c],
      question: `${name} has ${a} ${things}. ${other} has ${k} times as many ${things} as ${name}. Together they sell ${c} ${things}. How many ${things} are left?`,
      steps: [
        `${other} has ${annotate(a, '*', k)} ${things}.`,
        `Together they have ${annotate(a * k, '+', a)} ${things}.`,
        `There are ${annotate(a * k + a, '-', c)} ${things} left.`,
      ],
      value: a * k + a - c,
    };
  },
  function shareEqually(rng, { name, other, things }) {
    const [a, c, g] = drawWhere(
      () => [rng.int(1, 15), rng.int(1, 8), rng.int(2, 5)] as const,
      ([x, y, z]) => isFact(x, '+', y) && isFact(x + y, '/', z),
    );
    return {
      numbers: [a, c, g],
      question: `${name} has ${a} ${things} and ${other} has ${c} ${things}. They share all the ${things} equally among ${g} friends. How many ${things} does each friend get?`,
      steps: [
        `Together they have ${annotate(a, '+', c)} ${things}.`,
        `Each friend gets ${annotate(a + c, '/', g)} ${things}.`,
      ],
      value: (a + c) / g,
    };
  },
  function wage(rng, { name }) {
    const [a, b] = factors(rng);
    const c = drawWhere(
      () => rng.int(1, 8),
      (value) => isFact(a * b, '-', value),
    );
    return {
      numbers: [a, b, c],
      question: `${name} earns $${a} an hour and works ${b} hours. Then ${name} spends $${c} on food. How much money does ${name} have left?`,
      steps: [`${name} earns $${annotate(a, '*', b)}.`, `${name} has $${annotate(a * b, '-', c)} left.`],
      value: a * b - c,
    };
  },
  function packAndShare(rng, { name, things, boxes }) {
    const [a, b, c, g] = drawWhere(
      () => [rng.int(2, 5), rng.int(2, 5), rng.int(1, 8), rng.int(2, 5)] as const,
      ([w, x, y, z]) => isFact(w, '*', x) && isFact(w * x, '+', y) && isFact(w * x + y, '/', z),
    );
    return {
      numbers: [a, b, c, g],
      question: `${name} packs ${a} ${boxes} with ${b} ${things} each and has ${c} extra ${things}. ${name} shares all the ${things} equally among ${g} friends. How many ${things} does each friend get?`,
      steps: [
        `There are ${annotate(a, '*', b)} ${things} in the ${boxes}.`,
        `There are ${annotate(a * b, '+', c)} ${things} in total.`,
        `Each friend gets ${annotate(a * b + c, '/', g)} ${things}.`,
      ],
      value: (a * b + c) / g,
    };
  },
  function twoDays(rng, { name }) {
    const [a, d] = drawWhere(
      () => [rng.int(1, 8), rng.int(1, 8)] as const,
      ([x, y]) => isFact(x, '+', y) && isFact(x + y, '+', x),
    );
    return {
      numbers: [a, d],
      question: `${name} reads ${a} pages on Monday and ${d} more pages on Tuesday than on Monday. How many pages does ${name} read in the two days?`,
      steps: [
        `On Tuesday ${name} reads ${annotate(a, '+', d)} pages.`,
        `In the two days ${name} reads ${annotate(a + d, '+', a)} pages.`,
      ],
      value: a + d + a,
    };
  },
  function trees(rng, { name }) {
    const [[a, b], c, d] = drawWhere(
      () => [factors(rng), rng.int(1, 8), rng.int(1, 8)] as const,
      ([x, y, z]) => isFact(x[0] * x[1], '-', y) && isFact(x[0] * x[1] - y, '+', z),
    );
    return {
      numbers: [a, b, c, d],
      question: `A farm has ${a} rows of ${b} trees. ${name} cuts ${c} trees and plants ${d} new trees. How many trees are there now?`,
      steps: [
        `There are ${annotate(a, '*', b)} trees.`,
        `There are ${annotate(a * b, '-', c)} trees left.`,
        `There are ${annotate(a * b - c, '+', d)} trees now.`,
      ],
      value: a * b - c + d,
    };
  },
];

/** One word problem of two or three annotated steps; the last line of the answer is `#### value`. */
export function gsm8k(rng: Rng): Item<Gsm8kRecord> {
  const [name, other] = rng.sample(NAMES, 2) as [string, string];
  const cast: Cast = { name, other, things: rng.pick(THINGS), boxes: rng.pick(BOXES) };
  const family = rng.pick(FAMILIES);
  const { numbers, question, steps, value } = family(rng, cast);
  return {
    key: `gsm8k/${family.name}/${numbers.join(',')}`,
    record: { question, answer: `${steps.join('\n')}\n#### ${value}` },
  };
}
