import { join } from 'node:path';
import { toFloat32 } from '../../src/formats/safetensors/dtypes.js';
import { readTensor } from '../../src/formats/safetensors/file.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import type { ModelDimensions, WeightRole } from '../../src/models/types.js';
import type { Matrix, Row } from './linear-algebra.js';

/** A linear layer; a bias of zeros where the checkpoint has none. */
export interface Projection extends Matrix {
  readonly bias: Row;
}

/** Weights of one transformer block. */
export interface BlockWeights {
  readonly attnNorm: Row;
  readonly q: Projection;
  readonly k: Projection;
  readonly v: Projection;
  readonly attnOut: Matrix;
  readonly ffNorm: Row;
  readonly gate: Matrix;
  readonly up: Matrix;
  readonly down: Matrix;
}

/** A small model as float64 arrays. */
export interface ModelWeights {
  readonly dimensions: ModelDimensions;
  readonly embedding: Matrix;
  readonly blocks: readonly BlockWeights[];
  readonly finalNorm: Row;
  readonly head: Matrix;
}

/** Reads all weights (F32 or BF16) of a model directory. */
export async function loadWeights(dir: string): Promise<ModelWeights> {
  const checkpoint = await openCheckpoint(dir);
  const matrix = async (role: WeightRole, layer?: number): Promise<Matrix> => {
    const weight = checkpoint.weight(role, layer);
    const bytes = await readTensor({ ...weight, file: join(checkpoint.weightsDir, weight.file) });
    const data = Float64Array.from(toFloat32(weight.dtype, bytes));
    const columns = weight.shape.at(-1)!;
    return { rows: data.length / columns, columns, data };
  };
  const vector = async (role: WeightRole, layer?: number) => (await matrix(role, layer)).data;
  const { dimensions } = checkpoint;
  const projection = async (role: 'q' | 'k' | 'v', layer: number): Promise<Projection> => {
    const weight = await matrix(role, layer);
    const bias = dimensions.qkvBias ? await vector(`${role}Bias`, layer) : new Float64Array(weight.rows);
    return { ...weight, bias };
  };
  const blocks: BlockWeights[] = [];
  for (let layer = 0; layer < dimensions.layers; layer++) {
    blocks.push({
      attnNorm: await vector('attnNorm', layer),
      q: await projection('q', layer),
      k: await projection('k', layer),
      v: await projection('v', layer),
      attnOut: await matrix('attnOut', layer),
      ffNorm: await vector('ffNorm', layer),
      gate: await matrix('gate', layer),
      up: await matrix('up', layer),
      down: await matrix('down', layer),
    });
  }
  return {
    dimensions,
    embedding: await matrix('embedding'),
    blocks,
    finalNorm: await vector('finalNorm'),
    head: await matrix('head'),
  };
}
