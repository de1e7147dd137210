import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { createMethod } from '../../src/decoding/method.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { Rng } from '../../src/stats/rng.js';
import { draw } from '../oracle/draw.js';
import { generation, randomPrompt, run } from '../oracle/run.js';
import { allCases, caseCount, forCases } from './cases.js';
import { checkedRun, outcomeOf, randomCase } from './checked-run.js';
import { compareWithVanilla } from './full-refresh.js';
import { type ContractModels, openContractModels } from './models.js';
import type { PolicyLine } from './policies.js';

/** Random cases of every line, unless REPRO_CASES asks for more. */
const usualCases = 500;

/** Random cases of those in which a policy computes everything, beside the ones above. */
const fullRefreshCases = 60;

/** Everything that holds for every cache policy of a model family. */
export function describeContract(family: ModelDimensions['family'], lines: readonly PolicyLine[]): void {
  let models: ContractModels;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ models, close } = await openContractModels(family));
  });
  afterAll(() => close());

  const timeout = Math.max(120_000, caseCount(0) * 2_000);
  for (const line of lines) {
    describe(line.name, { timeout }, () => {
      describeRandomCases(line, () => models);
      if (line.fullRefresh !== undefined) {
        test('equals vanilla at its full-refresh settings', () =>
          compareWithVanilla(line, models, fullRefreshCases));
      }
      describeEdges(line, () => models);
    });
  }
}

function describeRandomCases(line: PolicyLine, models: () => ContractModels): void {
  test('passes equal the oracle, budgets hold, tokens stay, masks go, nothing leaks', async () => {
    const ends = { finished: 0, error: 0, lost: 0 };
    await forCases(
      usualCases,
      (number) => randomCase(models(), line, number),
      async (made) => {
        const { finished, followed } = await checkedRun(models(), made);
        // Only a model that prefers the mask may end with an error, or one whose tokens are drawn.
        const mayDrawMask = made.model === 'halfMasking' || made.task.generation.temperature > 0;
        expect(finished || mayDrawMask).toBe(true);
        ends[finished ? 'finished' : 'error'] += 1;
        if (!followed) ends.lost += 1;
      },
    );
    if (!allCases) return;
    expect(ends.error).toBeGreaterThan(0);
    expect(ends.lost).toBeLessThan(caseCount(usualCases) / 100);
  });
}

function describeEdges({ options, rules }: PolicyLine, models: () => ContractModels): void {
  const drawn = cacheOptions.parse(draw(options, new Rng('edges')));

  test('a model that always predicts the mask ends with a named error', async () => {
    const { engine, dimensions } = models().masking;
    for (const rule of rules) {
      const unmask = unmaskOptions.parse(draw(rule, new Rng('edges')));
      const settings = generation({ genLength: 12, blockLength: 4 });
      const task = { promptIds: Int32Array.of(1, 2, 3), generation: settings, unmask };
      expect(await outcomeOf(run(engine, dimensions, task, drawn))).toHaveProperty('error');
    }
  });

  test('passes that commit nothing, one-token canvases and an empty prompt run', async () => {
    const { engine, dimensions } = models().small;
    for (const [promptLength, genLength, blockLength, steps] of [
      [5, 8, 4, 16],
      [5, 8, 8, 24],
      [1, 1, 1, 3],
      [0, 6, 3, 6],
      [20, 2, 1, 8],
    ] as const) {
      const task = {
        promptIds: randomPrompt(new Rng(`${promptLength}`), promptLength, dimensions),
        generation: generation({ genLength, blockLength, steps }),
        unmask: unmaskOptions.parse(rules[0]),
      };
      const { cache } = createMethod({ cache: drawn, ...task }, dimensions.family, task.generation);
      const { tokens, nfe } = await run(engine, dimensions, task, drawn);
      // Fast-dLLM's loop ends a block of LLaDA when it has no mask, after two passes at least.
      const blocks = genLength / blockLength;
      const perBlock = Math.max(cache.minPassesPerBlock ?? 0, Math.min(blockLength, steps / blocks));
      expect(nfe).toBe(cache.minPassesPerBlock === undefined ? steps : blocks * perBlock);
      expect(tokens.includes(dimensions.maskId)).toBe(false);
    }
  });
}
