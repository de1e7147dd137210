import { listExperiments } from '../config/experiment.js';
import { isPackaged, resolveModel } from '../config/model.js';

/**
 * The experiment of a table: on the models that come along the generated benchmarks at half the lengths, on any other
 * model the real benchmarks at the paper's, where the package has such a file.
 *
 * @throws UsageError as `resolveModel` and `openCheckpoint`: of a model that will not do, before any data is missed
 */
export async function experimentFor(id: string, name: string | undefined): Promise<string> {
  const real = `${id}-real`;
  if (name === undefined || !listExperiments().includes(real)) return id;
  const model = resolveModel(name);
  if (isPackaged(model)) return id;
  const { openCheckpoint } = await import('../models/checkpoint.js');
  await openCheckpoint(model.dir);
  process.stderr.write(
    `repro: on this model the real benchmarks at the paper's lengths (experiment ${real}); ` +
      `"repro run ${id} --model ${name}" takes the generated ones.\n`,
  );
  return real;
}
