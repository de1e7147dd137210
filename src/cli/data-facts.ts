import { UsageError } from '../errors.js';
import type { Hub } from '../hub/hub.js';
import { hubRepo } from '../hub/repo.js';
import { hubSettings } from '../hub/settings.js';
import { monotonicClock } from '../measure/clock.js';
import { checkData, type SplitFinding } from '../tasks/check-data.js';
import type { DataSet } from '../tasks/data/data-set.js';
import { locateData } from '../tasks/data/locate.js';
import { dataSet, dataSets } from '../tasks/data/registry.js';
import type { DataSource } from '../tasks/data/source.js';
import { readTasks, usualProfile } from '../tasks/library.js';
import { PullProgress, shownHub } from './pull-progress.js';

/** A data set as `repro data list` names it. */
export interface ListedData {
  readonly id: string;
  readonly title: string;
  readonly hub: string;
  /** Where to read its card, and to accept its terms. */
  readonly page: string;
  readonly gated: boolean;
  readonly licence: string;
  readonly upstream: string;
  readonly splits: readonly { readonly split: string; readonly rows: number; readonly here: string | null }[];
}

export function listedData(ids: readonly string[], source: DataSource): ListedData[] {
  const { endpoint } = hubSettings();
  return chosen(ids).map((set) => {
    const { id, title, hub, gated, licence, upstream, rows } = set;
    const splits = Object.entries(rows).map(([split, count]) => ({
      split,
      rows: count,
      here: folderOf(set, split, source),
    }));
    return { id, title, hub, page: `${endpoint}/datasets/${hub}`, gated, licence, upstream, splits };
  });
}

function folderOf(set: DataSet, split: string, source: DataSource): string | null {
  try {
    return locateData(set, split, source).folder;
  } catch (error) {
    if (error instanceof UsageError && error.code === 'DATA_MISSING') return null;
    throw error;
  }
}

export interface CheckedData {
  readonly id: string;
  readonly title: string;
  readonly splits: readonly SplitFinding[];
}

export async function checkedData(ids: readonly string[], source: DataSource): Promise<CheckedData[]> {
  const checked: CheckedData[] = [];
  for (const set of chosen(ids)) {
    checked.push({ id: set.id, title: set.title, splits: await checkData(set, source) });
  }
  return checked;
}

/**
 * Whether all that is here is whole, with the splits that the usual profile reads; a set that is asked for by name must
 * be here, and something must be.
 */
export function isSound(checked: readonly CheckedData[], ids: readonly string[]): boolean {
  const needed = neededSplits();
  const lacks = ({ id, splits }: CheckedData) =>
    splits.some(({ state, split }) => state === 'absent' && needed.has(`${id} ${split}`));
  const isHere = ({ splits }: CheckedData) => splits.some(({ state }) => state !== 'absent');
  const sound = checked.every(({ splits }) =>
    splits.every(({ state }) => state === 'whole' || state === 'absent'),
  );
  const complete = checked.filter(isHere).every((set) => !lacks(set));
  return sound && complete && (ids.length === 0 ? checked.some(isHere) : checked.every(isHere));
}

/** `gsm8k train` and so on: what questions and examples of the usual profile's main tasks come from. */
function neededSplits(): Set<string> {
  const needed = new Set<string>();
  for (const { id, profile, data, shots } of readTasks()) {
    if (profile !== usualProfile || typeof data === 'string' || id !== data.set) continue;
    needed.add(`${data.set} ${data.split}`);
    if (shots !== 0 && 'split' in shots) needed.add(`${data.set} ${shots.split}`);
  }
  return needed;
}

export interface PulledData {
  readonly id: string;
  readonly hub: string;
  readonly commit: string;
  readonly folder: string;
  readonly files: number;
  readonly splits: readonly SplitFinding[];
}

/** Pulls data sets into the shared cache and reads what has come. @throws UsageError as `Hub.pull` */
export async function pulledData(ids: readonly string[], revision: string): Promise<PulledData[]> {
  const sets = ids.length === 0 ? [...dataSets.values()].filter(({ gated }) => !gated) : chosen(ids);
  const progress = new PullProgress(process.stderr, monotonicClock);
  const hub = shownHub(progress);
  const pulled: PulledData[] = [];
  for (const set of sets) {
    pulled.push(await progress.during(set.id, (signal) => pullSet(hub, set, revision, signal)));
  }
  return pulled;
}

async function pullSet(hub: Hub, set: DataSet, revision: string, signal: AbortSignal): Promise<PulledData> {
  const repo = hubRepo('dataset', set.hub);
  const select = (path: string) => set.pull.some((pattern) => pattern.test(path));
  const { commit, folder, files } = await hub.pull(repo, { revision, select, verify: true, signal });
  if (files.length === 0) {
    throw new UsageError(
      'DATA_FORMAT',
      `The data set ${set.hub} at ${commit} has no file that repro reads (${set.pull.map(String).join(', ')}); name another --revision.`,
    );
  }
  const splits = await checkData(set, { snapshot: () => ({ folder, commit }) });
  return { id: set.id, hub: set.hub, commit, folder, files: files.length, splits };
}

function chosen(ids: readonly string[]): DataSet[] {
  return ids.length === 0 ? [...dataSets.values()] : ids.map(dataSet);
}
