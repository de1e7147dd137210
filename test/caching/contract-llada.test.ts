import { describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { oracleDecode } from '../oracle/decode.js';
import { randomTask, run } from '../oracle/run.js';
import { cases, describeContract } from './contract.js';
import { policies } from './policies.js';

const models = describeContract('llada');
const none = cacheOptions.parse({ policy: 'none' });

test('every policy of the registry is under the contract', () => {
  const known = cacheOptions.options.map(({ shape }) => shape.policy.value);
  const tested = new Set(
    Object.values(policies).flatMap((lines) => lines.map(({ options }) => options.policy)),
  );
  expect([...tested].sort()).toEqual([...known].sort());
});

test('vanilla equals the float64 oracle, token for token', async () => {
  const { small } = models();
  const rules = [{ rule: 'model' }, { rule: 'threshold', tau: 0.6 }, { rule: 'apd', tau0: 0.7 }].map((o) =>
    unmaskOptions.parse(o),
  );
  let decided = 0;
  for (let i = 0; i < cases(40); i++) {
    const task = randomTask(`oracle ${i}`, small.dimensions, rules, 10);
    const plain = { ...task.generation, temperature: 0, remasking: 'low-confidence' as const };
    const oracle = oracleDecode(small.weights, { ...task, generation: plain });
    if (oracle.margin < 1e-4) continue;
    const result = await run(small.engine, small.dimensions, { ...task, generation: plain }, none);
    expect([...result.tokens], `case ${i}`).toEqual(oracle.tokens);
    expect(result.nfe, `case ${i}`).toBe(oracle.passes);
    decided += 1;
  }
  expect(decided).toBeGreaterThan(30);
});

describe('methods beside each other', () => {
  const task = (i: number) => {
    const { options, rules } = policies.llada[i]!;
    return { options, task: randomTask(`beside ${i}`, models().small.dimensions, rules) };
  };

  test('give the same tokens in any order', async () => {
    const { engine, dimensions } = models().small;
    const all = [...policies.llada.keys()];
    const decoded = async (order: number[]) => {
      const tokens = new Map<number, number[]>();
      for (const i of order) {
        const { options, task: t } = task(i);
        tokens.set(i, [...(await run(engine, dimensions, t, options)).tokens]);
      }
      return tokens;
    };
    const forwards = await decoded(all);
    expect(new Set([...forwards.values()].map(String)).size).toBeGreaterThan(all.length / 2);
    expect(await decoded(all.toReversed())).toEqual(forwards);
  });

  test('give the same tokens when two run pass by pass in turn', async () => {
    const { small, twin } = models();
    for (const i of policies.llada.keys()) {
      const [a, b] = [task(i), task((i + 1) % policies.llada.length)];
      const alone = [
        await run(small.engine, small.dimensions, a.task, a.options),
        await run(twin.engine, twin.dimensions, b.task, b.options),
      ];
      const together = await Promise.all([
        run(small.engine, small.dimensions, a.task, a.options),
        run(twin.engine, twin.dimensions, b.task, b.options),
      ]);
      expect(together).toEqual(alone);
    }
  });
});

describe('guidance', () => {
  const guided = (i: number) => {
    const task = randomTask(`guided ${i}`, models().small.dimensions, [
      unmaskOptions.parse({ rule: 'model' }),
    ]);
    return { ...task, generation: { ...task.generation, cfg: 0.5 + (i % 3) } };
  };
  const dllm = { policy: 'dllm-cache', promptInterval: -1, responseInterval: -1 };

  test('with streams that are complete at every pass dLLM-Cache equals vanilla', async () => {
    const { engine, dimensions } = models().small;
    const always = cacheOptions.parse(dllm);
    for (let i = 0; i < cases(10); i++) {
      const vanilla = await run(engine, dimensions, guided(i), none);
      const ours = await run(engine, dimensions, guided(i), always);
      expect([...ours.tokens], `case ${i}`).toEqual([...vanilla.tokens]);
    }
  });

  test('dLLM-Cache runs the unconditional stream on the first five passes and at its interval', async () => {
    const { engine, dimensions } = models().small;
    const sometimes = cacheOptions.parse({ ...dllm, guidanceInterval: 4 });
    const task = {
      ...guided(0),
      generation: { ...guided(0).generation, genLength: 16, blockLength: 16, steps: 16 },
    };
    // Passes 0 to 4, 8 and 12 have both streams.
    expect((await run(engine, dimensions, task, sometimes)).nfe).toBe(16 + 7);
  });
});
