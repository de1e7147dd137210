import { knownModel, listModels } from '../config/model.js';
import { UsageError } from '../errors.js';
import { hubRepo } from '../hub/repo.js';
import { monotonicClock } from '../measure/clock.js';
import { didYouMean } from '../suggest.js';
import { type CheckedModel, checkedModel } from './models-facts.js';
import { PullProgress, shownHub } from './pull-progress.js';

export interface PulledModel extends CheckedModel {
  readonly commit: string;
  readonly files: number;
  readonly pulledBytes: number;
}

/** The repository of an id of `models list`, or a repository as it is named. @throws UsageError `MODEL_UNKNOWN` */
function repositoryOf(name: string): string {
  if (name.includes('/')) return name;
  const ids = listModels();
  const hub = ids.includes(name) ? knownModel(name).hub : undefined;
  if (hub !== undefined) return hub;
  throw new UsageError(
    'MODEL_UNKNOWN',
    ids.includes(name)
      ? `${name} comes with the package; there is nothing to pull.`
      : `there is no model "${name}" to pull: write OWNER/NAME, or an id of "repro models list".${didYouMean(name, ids)}`,
  );
}

/** Config, weights, index, tokenizer and templates; not the code, pictures and other formats beside them. */
function isModelFile(path: string): boolean {
  return /^[^/]+\.(json|safetensors|jinja|txt|model)$/.test(path);
}

/** Pulls models into the shared cache and looks through what has come. @throws UsageError as `Hub.pull` */
export async function pulledModels(ids: readonly string[], revision: string): Promise<PulledModel[]> {
  const repos = ids.map((id) => hubRepo('model', repositoryOf(id)));
  const progress = new PullProgress(process.stderr, monotonicClock);
  const hub = shownHub(progress);
  const pulled: PulledModel[] = [];
  for (const repo of repos) {
    const { commit, folder, files } = await progress.during(repo.id, (signal) =>
      hub.pull(repo, { revision, select: isModelFile, signal }),
    );
    pulled.push({
      ...(await checkedModel(repo.id, folder)),
      ...{ commit, files: files.length, pulledBytes: files.reduce((sum, { bytes }) => sum + bytes, 0) },
    });
  }
  return pulled;
}
