import { arc } from './arc.js';
import { gpqa } from './gpqa.js';
import { gsm8k } from './gsm8k.js';
import { humaneval } from './humaneval.js';
import { drawOn, type Item, type Split } from './item.js';
import { math } from './math.js';
import { mmlu } from './mmlu.js';
import { Rng } from './rng.js';
import { type Pair, TEMPLATES } from './templates.js';

/** Generators by benchmark. */
export const GENERATORS = { gsm8k, math, mmlu, arc, gpqa, humaneval } as const;

export type Benchmark = keyof typeof GENERATORS;
export const BENCHMARKS = Object.keys(GENERATORS) as Benchmark[];

/** Records of each committed test file. */
export const TEST_RECORDS = 250;

/** A drawn item with its prompt and response. */
export interface Example extends Item<unknown>, Pair {}

/** Draws one example of the given side. */
export function draw(benchmark: Benchmark, split: Split, rng: Rng): Example {
  const generate = GENERATORS[benchmark] as (rng: Rng) => Item<never>;
  const item = drawOn(split, generate, rng);
  const template = TEMPLATES[benchmark] as (record: never) => Pair;
  return { ...item, ...template(item.record) };
}

/** The test set: `TEST_RECORDS` examples with different prompts, the same for the same seed. */
export function testSet(benchmark: Benchmark, seed: string): Example[] {
  const rng = new Rng(`${seed}/${benchmark}/test`);
  const byPrompt = new Map<string, Example>();
  for (let tries = 0; byPrompt.size < TEST_RECORDS; tries += 1) {
    if (tries > 200 * TEST_RECORDS)
      throw new Error(`${benchmark}: only ${byPrompt.size} different test prompts`);
    const example = draw(benchmark, 'test', rng);
    if (!byPrompt.has(example.prompt)) byPrompt.set(example.prompt, example);
  }
  return [...byPrompt.values()];
}

/** An endless stream of training examples. */
export function* trainStream(benchmark: Benchmark, seed: string): Generator<Example> {
  const rng = new Rng(`${seed}/${benchmark}/train`);
  for (;;) yield draw(benchmark, 'train', rng);
}
