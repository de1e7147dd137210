import { join } from 'node:path';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { sampleConstants } from '../../src/engine/sample-constants.js';
import { stateWidths } from '../../src/engine/state.js';
import { float32, int32, positions } from '../../src/engine/tensors.js';
import { deviceStepModel } from '../../src/graph/device/step.js';
import type { DeviceTarget } from '../../src/graph/device/target.js';
import type { GraphModel } from '../../src/graph/layers.js';
import { stateName } from '../../src/graph/names.js';
import { plainSpec } from '../../src/graph/spec.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { fixtureModels } from '../oracle/checkpoints.js';

const length = 40;
const spec = { ...plainSpec, logits: true };

/**
 * Logits of a full pass of the GPU's graph, run by the processor: software adapters have no half precision, so this
 * is where the graph's own conversions can be tried.
 */
async function logits(name: string, target: Partial<DeviceTarget>): Promise<Float32Array> {
  const dir = join(fixtureModels, name);
  const checkpoint = await openCheckpoint(dir);
  const model: GraphModel = {
    ...checkpoint.dimensions,
    weight: (role, layer) => checkpoint.weight(role, layer),
  };
  const whole: DeviceTarget = {
    attention: 'decomposed',
    weights: 'float32',
    embedding: 'graph',
    bindingBytes: 2 ** 30,
    attentionChunks: 1,
    ...target,
  };
  const session = await InferenceSession.create(deviceStepModel(model, spec, whole), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { model_external_initializers_file_folder_path: dir } },
  });
  const all = Int32Array.from({ length }, (_, i) => i);
  const feeds: Record<string, Tensor> = {
    ...sampleConstants(model, { spec, length }),
    ids: int32(all.map((i) => (i * 37) % (model.vocabSize - 2))),
    rows: positions(all),
    head_rows: int32(all),
  };
  for (const [kind, width] of stateWidths(model, spec)) {
    for (let layer = 0; layer < model.layers; layer++) {
      feeds[stateName('', kind, layer)] = float32(new Float32Array(length * width), [length, width]);
    }
  }
  const { logits: out } = await session.run(feeds, ['logits']);
  await session.release();
  return out!.data as Float32Array;
}

function rms(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
}

test.each([
  // bf16 weights are exact in half precision; what they multiply is rounded where the processor does not drop that.
  ['tiny-llada-a-sharded-bf16', 0, 2e-2],
  ['tiny-dream-c', 1e-4, 2e-2],
] as const)('half precision is near single precision on %s', async (name, least, most) => {
  const single = await logits(name, {});
  for (const target of [{}, { bindingBytes: 8_000, attentionChunks: 2 }]) {
    const half = await logits(name, { ...target, weights: 'float16' });
    const relative = rms(half.map((z, i) => z - single[i]!)) / rms(single);
    expect(relative).toBeGreaterThanOrEqual(least);
    expect(relative).toBeLessThan(most);
  }
});
