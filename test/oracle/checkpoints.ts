import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toFloat32 } from '../../src/formats/safetensors/dtypes.js';
import { openSafetensors, readTensor } from '../../src/formats/safetensors/file.js';
import { type TensorData, writeSafetensors } from '../../src/formats/safetensors/write.js';
import { type RandomModelSize, writeRandomCheckpoint } from '../../src/models/random.js';
import type { ModelDimensions } from '../../src/models/types.js';

/** Folder of the models that the conformance vectors were recorded on. */
export const fixtureModels = fileURLToPath(new URL('../fixtures/conformance/models/', import.meta.url));

/** Small enough for hundreds of runs, with more than one head and layer. */
export const smallSize: RandomModelSize = {
  dModel: 32,
  layers: 3,
  heads: 2,
  ffnDim: 48,
  vocabSize: 48,
  maxSequenceLength: 96,
};

/** The same for Dream: four heads on two KV heads. */
export const smallDreamSize: RandomModelSize = { ...smallSize, heads: 4, kvHeads: 2 };

/** Smaller still, for the thousands of runs of the contract test. */
export function contractSize(family: ModelDimensions['family']): RandomModelSize {
  const size = { dModel: 16, layers: 3, heads: 2, ffnDim: 24, vocabSize: 40, maxSequenceLength: 64 };
  return family === 'dream' ? { ...size, heads: 4, kvHeads: 2 } : size;
}

/** A folder for checkpoints that vanishes with `remove`. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'repro-oracle-'));
  return { path, remove: () => rm(path, { recursive: true }) };
}

/** Where the lifted logits live: a residual channel that holds the same value in every row and layer. */
const channel = 0;
const channelValue = 4;

/**
 * A random model whose head favours some ids: `lifts[id]` is added to that id's logit, up to the factor of the
 * final norm. Channel 0 of the residual stream is kept constant, and only the lifted ids read it.
 */
export async function writeLiftedCheckpoint(
  dir: string,
  seed: string,
  lifts: (dimensions: ModelDimensions) => ReadonlyMap<number, number>,
  family: ModelDimensions['family'] = 'llada',
): Promise<ModelDimensions> {
  const dimensions = await writeRandomCheckpoint(dir, contractSize(family), { seed, family });
  const path = join(dir, 'model.safetensors');
  const tensors: TensorData[] = [];
  for (const tensor of (await openSafetensors(path)).tensors.values()) {
    const values = toFloat32(tensor.dtype, await readTensor(tensor));
    const columns = tensor.shape.at(-1)!;
    const rows = values.length / columns;
    if (/(wte|embed_tokens)\.weight$/.test(tensor.name)) {
      for (let id = 0; id < rows; id++) values[id * columns + channel] = channelValue;
    }
    // Nothing is ever added to the channel: row 0 of the two output projections of a block is zero.
    if (/blocks\.\d+\.(attn_out|ff_out)\.weight$|\.(o_proj|down_proj)\.weight$/.test(tensor.name)) {
      values.fill(0, channel * columns, (channel + 1) * columns);
    }
    if (['model.transformer.ff_out.weight', 'lm_head.weight'].includes(tensor.name)) {
      for (let id = 0; id < rows; id++) values[id * columns + channel] = 0;
      for (const [id, lift] of lifts(dimensions)) values[id * columns + channel] = lift;
    }
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    tensors.push({ name: tensor.name, dtype: 'F32', shape: tensor.shape, data });
  }
  await writeSafetensors(path, tensors, { format: 'pt' });
  return dimensions;
}
