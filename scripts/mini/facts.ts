import type { Rng } from './rng.js';

/**
 * The elementary facts that every computed number of every mini benchmark comes from: about 270 of them, few
 * enough for a model of 1.5 M parameters to know all. Sums and minuends stop at 20, second operands at 8,
 * factors run from 2 to 5.
 */
export type Operator = '+' | '-' | '*' | '/';

/** Whether `a op b` is one of the facts. */
export function isFact(a: number, op: Operator, b: number): boolean {
  switch (op) {
    case '+':
      return a >= 1 && a <= 15 && b >= 1 && b <= 8 && a + b <= 20;
    case '-':
      return a >= 2 && a <= 20 && b >= 1 && b <= 8 && a - b >= 1;
    case '*':
      return a >= 2 && a <= 5 && b >= 2 && b <= 5 && a * b <= 20;
    case '/':
      return b >= 2 && b <= 5 && a % b === 0 && a / b >= 2 && a / b <= 5 && a <= 20;
  }
}

/** The value of a fact. Throws when `a op b` is not one: a generator that leaves the table is a bug. */
export function factValue(a: number, op: Operator, b: number): number {
  if (!isFact(a, op, b)) throw new Error(`${a}${op}${b} is not in the table of facts`);
  return op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : a / b;
}

/** GSM8K's calculator annotation, `a*b=<<a*b=c>>c`. */
export function annotate(a: number, op: Operator, b: number): string {
  const value = factValue(a, op, b);
  return `${a}${op}${b}=<<${a}${op}${b}=${value}>>${value}`;
}

/** A plain equation, `a*b=c`. */
export function equation(a: number, op: Operator, b: number): string {
  return `${a}${op}${b}=${factValue(a, op, b)}`;
}

/** Draws tuples until `accept` holds. */
export function drawWhere<T>(draw: () => T, accept: (value: T) => boolean): T {
  for (let tries = 0; tries < 10_000; tries += 1) {
    const value = draw();
    if (accept(value)) return value;
  }
  throw new Error('no tuple satisfies the constraint');
}

/** Two factors of the product table. */
export function factors(rng: Rng): readonly [number, number] {
  return drawWhere(
    () => [rng.int(2, 5), rng.int(2, 5)] as const,
    ([a, b]) => isFact(a, '*', b),
  );
}
