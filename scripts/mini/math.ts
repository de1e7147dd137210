import { drawWhere, equation, factors, isFact } from './facts.js';
import type { Item } from './item.js';
import type { Rng } from './rng.js';

/** A record in the schema of the MATH set. */
export interface MathRecord {
  readonly problem: string;
  readonly level: string;
  readonly type: string;
  readonly solution: string;
}

interface Problem {
  readonly numbers: readonly number[];
  readonly type: string;
  readonly problem: string;
  readonly work: string;
  readonly answer: string;
}

const VARIABLES = ['x', 'y', 'n', 't'] as const;
const SHAPES = ['rectangle', 'garden', 'room', 'field'] as const;
const COLORS = ['red', 'blue', 'green', 'white'] as const;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** `a v + b` with `a * x + b` inside the table of facts, whichever way it is walked. */
function line(rng: Rng): readonly [number, number, number] {
  return drawWhere(
    () => [rng.int(2, 5), rng.int(2, 5), rng.int(1, 8)] as const,
    ([a, x, b]) => isFact(a, '*', x) && isFact(a * x, '+', b),
  );
}

const FAMILIES: readonly ((rng: Rng) => Problem)[] = [
  function linearEquation(rng) {
    const [a, x, b] = line(rng);
    const v = rng.pick(VARIABLES);
    const c = a * x + b;
    return {
      numbers: [a, x, b],
      type: 'Algebra',
      problem: `Solve for $${v}$: $${a}${v} + ${b} = ${c}$.`,
      work: `We have $${equation(c, '-', b)}$ and $${v} = ${equation(a * x, '/', a)}$.`,
      answer: `${x}`,
    };
  },
  function distributive(rng) {
    const [a, b, c] = drawWhere(
      () => [rng.int(2, 5), rng.int(1, 4), rng.int(1, 4)] as const,
      ([x, y, z]) => isFact(y, '+', z) && isFact(x, '*', y + z),
    );
    return {
      numbers: [a, b, c],
      type: 'Prealgebra',
      problem: `${rng.pick(['What is', 'What is the value of'])} $${a}(${b} + ${c})$?`,
      work: `We have $${equation(b, '+', c)}$ and $${equation(a, '*', b + c)}$.`,
      answer: `${a * (b + c)}`,
    };
  },
  function functionValue(rng) {
    const [a, x, b] = line(rng);
    const f = rng.pick(['f', 'g', 'h']);
    const v = rng.pick(VARIABLES);
    return {
      numbers: [a, x, b],
      type: 'Algebra',
      problem: `If $${f}(${v}) = ${a}${v} + ${b}$, what is $${f}(${x})$?`,
      work: `We have $${equation(a, '*', x)}$ and $${equation(a * x, '+', b)}$.`,
      answer: `${a * x + b}`,
    };
  },
  function probability(rng) {
    const [a, b] = drawWhere(
      () => [rng.int(1, 12), rng.int(1, 8)] as const,
      ([x, y]) => isFact(x, '+', y) && gcd(x, y) === 1,
    );
    const [color, other] = rng.sample(COLORS, 2) as [string, string];
    return {
      numbers: [a, b],
      type: 'Counting & Probability',
      problem: `A bag holds $${a}$ ${color} balls and $${b}$ ${other} balls. What is the probability that a random ball is ${color}?`,
      work: `There are $${equation(a, '+', b)}$ balls.`,
      answer: `\\frac{${a}}{${a + b}}`,
    };
  },
  function thirdTerm(rng) {
    const [a, d] = drawWhere(
      () => [rng.int(1, 12), rng.int(2, 4)] as const,
      ([x, y]) => isFact(2, '*', y) && isFact(x, '+', 2 * y),
    );
    return {
      numbers: [a, d],
      type: 'Intermediate Algebra',
      problem: `${rng.pick(['An arithmetic', 'A number'])} sequence has first term $${a}$ and common difference $${d}$. What is the third term?`,
      work: `We have $${equation(2, '*', d)}$ and $${equation(a, '+', 2 * d)}$.`,
      answer: `${a + 2 * d}`,
    };
  },
  function areaLeft(rng) {
    const [[a, b], c] = drawWhere(
      () => [factors(rng), rng.int(1, 8)] as const,
      ([x, y]) => isFact(x[0] * x[1], '-', y),
    );
    return {
      numbers: [a, b, c],
      type: 'Geometry',
      problem: `A ${rng.pick(SHAPES)} has length $${a}$ and width $${b}$. A part of area $${c}$ is cut out. What area is left?`,
      work: `We have $${equation(a, '*', b)}$ and $${equation(a * b, '-', c)}$.`,
      answer: `${a * b - c}`,
    };
  },
  function substitution(rng) {
    const [a, b, c] = drawWhere(
      () => [rng.int(2, 12), rng.int(2, 8), rng.int(2, 8)] as const,
      ([x, y, z]) => isFact(x, '+', y) && isFact(x + y, '-', z),
    );
    const [v, w] = rng.sample(VARIABLES, 2) as [string, string];
    return {
      numbers: [a, b, c],
      type: 'Prealgebra',
      problem: `If $${v} = ${a}$ and $${w} = ${b}$, what is $${v} + ${w} - ${c}$?`,
      work: `We have $${equation(a, '+', b)}$ and $${equation(a + b, '-', c)}$.`,
      answer: `${a + b - c}`,
    };
  },
];

/** One short problem of one or two worked equations; the answer stands in `\boxed{}`. */
export function math(rng: Rng): Item<MathRecord> {
  const family = rng.pick(FAMILIES);
  const { numbers, type, problem, work, answer } = family(rng);
  const solution = `${work} The answer is $\\boxed{${answer}}$.`;
  return {
    key: `math/${family.name}/${numbers.join(',')}`,
    record: { problem, level: `Level ${numbers.length}`, type, solution },
  };
}
