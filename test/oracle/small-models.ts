import { writeRandomCheckpoint } from '../../src/models/random.js';
import type { ModelDimensions } from '../../src/models/types.js';
import { smallDreamSize, smallSize, temporaryFolder } from './checkpoints.js';
import { openTestModel, type TestModel } from './run.js';

/** A small random model of each family, until `close`. */
export async function openSmallModels(): Promise<{
  readonly models: Readonly<Record<ModelDimensions['family'], TestModel>>;
  close(): Promise<void>;
}> {
  const folder = await temporaryFolder();
  const open = async (family: ModelDimensions['family'], size: typeof smallSize) => {
    const dir = `${folder.path}/${family}`;
    await writeRandomCheckpoint(dir, size, { family, seed: '1' });
    return openTestModel(dir);
  };
  const models = { llada: await open('llada', smallSize), dream: await open('dream', smallDreamSize) };
  return {
    models,
    close: async () => {
      for (const { engine } of Object.values(models)) await engine.close();
      await folder.remove();
    },
  };
}
