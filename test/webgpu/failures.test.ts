import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineLostError, type StepEngine } from '../../src/engine/types.js';
import { WebGpuEngine } from '../../src/engine/webgpu/engine.js';
import { DeviceTensors } from '../../src/engine/webgpu/tensors.js';
import type { DeviceTarget } from '../../src/graph/device/target.js';
import { plainSpec } from '../../src/graph/spec.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { fixtureModels } from '../oracle/checkpoints.js';
import { noSoftwareAdapter } from './software-gpu.js';

/** An engine that believes in buffers without end, on an adapter that has none above 1 GiB. */
async function boundlessEngine(maxSequenceLength: number): Promise<StepEngine> {
  const checkpointDir = join(fixtureModels, 'tiny-llada-a');
  const checkpoint = await openCheckpoint(checkpointDir);
  const model = {
    ...checkpoint.dimensions,
    maxSequenceLength,
    weight: (...at: Parameters<typeof checkpoint.weight>) => checkpoint.weight(...at),
  };
  const target: DeviceTarget = {
    attention: 'decomposed',
    weights: 'float32',
    embedding: 'graph',
    bindingBytes: Number.MAX_SAFE_INTEGER,
    attentionChunks: 1,
  };
  const options = { checkpointDir, weightsDir: checkpointDir, model, weightBytes: 1, threads: 1 };
  return new WebGpuEngine(options, target, await DeviceTensors.open(), undefined);
}

describe.skipIf(noSoftwareAdapter)('a GPU that cannot hold what is asked of it', () => {
  test('is an engine that is lost, in one sentence', async () => {
    const engine = await boundlessEngine(2 ** 23);
    // K of one layer: 2^23 rows of 64 numbers, 2 GiB.
    const begun = engine.begin({ spec: plainSpec, length: 2 ** 23 });
    await expect(begun).rejects.toThrow(EngineLostError);
    await expect(begun).rejects.toThrow(/^the GPU's memory does not suffice \([^\n]+\)$/);
    // What was too large is gone; the next sample finds the device as it was.
    await engine.begin({ spec: plainSpec, length: 4 });
    const all = Int32Array.of(0, 1, 2, 3);
    const plan = { kind: 'uniform', rows: all, store: 'all' } as const;
    const { best } = await engine.step({ tokens: all, headRows: all, plan, pass: 0 });
    expect(best.length).toBe(4);
    await engine.close();
  });
});
