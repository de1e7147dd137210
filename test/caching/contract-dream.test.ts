import { expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { oracleDecode } from '../oracle/decode.js';
import { randomTask, run } from '../oracle/run.js';
import { cases, describeContract } from './contract.js';

const models = describeContract('dream');

test('vanilla in blocks equals the float64 oracle, token for token', async () => {
  const { small } = models();
  const rules = [{ rule: 'quota' }, { rule: 'apd', tau0: 0.7 }].map((o) => unmaskOptions.parse(o));
  const dream = { ...randomTask('', small.dimensions, rules).generation.dream, topP: 1, topK: 0 };
  let decided = 0;
  for (let i = 0; i < cases(30); i++) {
    const task = randomTask(`oracle ${i}`, small.dimensions, rules, 10);
    const plain = { ...task.generation, temperature: 0, remasking: 'low-confidence' as const, dream };
    const oracle = oracleDecode(small.weights, { ...task, generation: plain });
    if (oracle.margin < 1e-4) continue;
    const none = cacheOptions.parse({ policy: 'none' });
    const result = await run(small.engine, small.dimensions, { ...task, generation: plain }, none);
    expect([...result.tokens], `case ${i}`).toEqual(oracle.tokens);
    expect(result.nfe, `case ${i}`).toBe(oracle.passes);
    decided += 1;
  }
  expect(decided).toBeGreaterThan(20);
});
