import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { oracleDecode } from '../oracle/decode.js';
import type { Choices } from '../oracle/draw.js';
import { randomTask } from '../oracle/random-task.js';
import { run } from '../oracle/run.js';
import { allCases, caseCount, forCases } from './cases.js';
import { type ContractModels, openContractModels } from './models.js';

/** Decisions closer than this may fall otherwise in float32. */
const leastMargin = 1e-4;

const none = cacheOptions.parse({ policy: 'none' });
const apd = { rule: 'apd', tau0: [0.5, 0.7, 0.9], alpha: [0.001, 0.1], beta: [0.0008, 1], adaptFrom: [1, 2] };
const threshold = { rule: 'threshold', tau: [0.3, 0.6, 0.9] };
const rulesOf: Record<'llada' | 'dream', Choices[]> = {
  llada: [{ rule: 'model' }, threshold, apd],
  dream: [{ rule: 'quota' }, apd],
};
const greedy = { temperature: 0, remasking: 'low-confidence' };

describe.each(['llada', 'dream'] as const)('%s without a cache', (family) => {
  let models: ContractModels;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ models, close } = await openContractModels(family));
  });
  afterAll(() => close());

  test('equals a float64 decoder, token for token', async () => {
    const { engine, weights, dimensions } = models.small;
    const plain = family === 'dream' ? { dream: { topP: 1, topK: 0 } } : {};
    const choices = { rules: rulesOf[family], settings: { ...greedy, ...plain } };
    let decided = 0;
    await forCases(
      500,
      (number) => randomTask(`vanilla ${number}`, dimensions, choices),
      async (task) => {
        const oracle = oracleDecode(weights, task);
        if (oracle.margin < leastMargin) return;
        const { tokens, nfe } = await run(engine, dimensions, task, none);
        expect([...tokens]).toEqual(oracle.tokens);
        expect(nfe).toBe(oracle.passes);
        decided += 1;
      },
    );
    if (allCases) expect(decided).toBeGreaterThan(0.9 * caseCount(500));
  });
});
