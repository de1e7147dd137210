import { afterAll, beforeAll, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { RecordingEngine } from '../oracle/recording-engine.js';
import { generation, run } from '../oracle/run.js';
import { type ContractModels, openContractModels } from './models.js';

let models: ContractModels;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ models, close } = await openContractModels('llada'));
});
afterAll(() => close());

test('dLLM-Cache runs the unconditional stream on the first five passes and at its interval', async () => {
  const { engine, dimensions } = models.small;
  const recording = new RecordingEngine(engine);
  const task = {
    promptIds: Int32Array.of(3, 1, 4),
    generation: generation({ genLength: 16, blockLength: 16, steps: 16, cfg: 1.5 }),
    unmask: unmaskOptions.parse({ rule: 'model' }),
  };
  const cache = cacheOptions.parse({ policy: 'dllm-cache', promptInterval: 3, guidanceInterval: 4 });
  const { nfe } = await run(recording, dimensions, task, cache);
  const runs = recording.passes.flatMap(({ request: { unconditionalPlan: plan } }, n) =>
    plan?.kind === 'adaptive' ? [{ n, refreshesPrompt: plan.mandatory.at(19) === 1 }] : [],
  );
  expect(runs.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 8, 12]);
  // The stream counts its own runs: the first, fourth and seventh refresh the prompt in layer 1.
  expect(runs.map(({ refreshesPrompt }) => refreshesPrompt)).toEqual([
    true,
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
  expect(nfe).toBe(16 + 7);
});
