import { join } from 'node:path';
import type { StepEngine } from '../../src/engine/types.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import type { ModelDimensions } from '../../src/models/types.js';
import {
  contractSize,
  fixtureModels,
  temporaryFolder,
  writeLiftedCheckpoint,
} from '../oracle/checkpoints.js';
import { openTestModel, type TestModel } from '../oracle/run.js';

/** A model with a second engine on the same checkpoint. */
export interface ContractModel extends TestModel {
  readonly twin: StepEngine;
}

/**
 * The models that a family's policies are tried on: a small random one, one that prefers the mask at some
 * positions, one that always does, and one that the conformance vectors were recorded on.
 */
export type ModelName = 'small' | 'halfMasking' | 'masking' | 'recorded';
export type ContractModels = Readonly<Record<ModelName, ContractModel>>;

/** The model of a random case: mostly the small one, one in five prefers masks, a few take the recorded one. */
export function modelOf(number: number): ModelName {
  if (number % 50 === 49) return 'recorded';
  return number % 5 === 3 ? 'halfMasking' : 'small';
}

export async function openContractModels(
  family: ModelDimensions['family'],
): Promise<{ models: ContractModels; close: () => Promise<void> }> {
  const folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const lifted = (name: string, lift: number) =>
    writeLiftedCheckpoint(at(name), name, ({ maskId }) => new Map([[maskId, lift]]), family);
  await writeRandomCheckpoint(at('small'), contractSize(family), { seed: 'contract', family });
  await lifted('masking', 20);
  await lifted('half', 2);
  const open = async (dir: string): Promise<ContractModel> => {
    const { engine: twin } = await openTestModel(dir);
    return { ...(await openTestModel(dir)), twin };
  };
  const models = {
    small: await open(at('small')),
    halfMasking: await open(at('half')),
    masking: await open(at('masking')),
    recorded: await open(join(fixtureModels, family === 'dream' ? 'tiny-dream-c' : 'tiny-llada-a')),
  };
  const close = async () => {
    for (const { engine, twin } of Object.values(models)) {
      await engine.close();
      await twin.close();
    }
    await folder.remove();
  };
  return { models, close };
}
