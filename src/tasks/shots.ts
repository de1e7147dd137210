import { UsageError } from '../errors.js';
import { groupBy } from '../group-by.js';
import { locateData } from './data/locate.js';
import { dataDigest, fileFacts, readData } from './data/read-data.js';
import { dataSet } from './data/registry.js';
import type { DataSource } from './data/source.js';
import { drawShots } from './draw-shots.js';
import { readExemplars } from './exemplars.js';
import type { Shot } from './messages.js';
import { recordKinds } from './records/index.js';
import type { RecordView } from './records/record.js';
import type { SplitShots, TaskSpec } from './spec.js';
import { fillShot } from './template.js';

/** The examples of the samples of a task. */
export interface ShotPlan {
  /** Of a sample: its place in the data, and in its group. */
  of(sample: {
    readonly index: number;
    readonly group?: string | undefined;
    readonly inGroup: number;
  }): SampleShots;
  /** Where they come from, for manifests; null without examples. */
  readonly origin: { readonly from: string; readonly sha256: string } | null;
}

export interface SampleShots {
  readonly shots: readonly Shot[];
  /** Rows of the split they come from, from 0; of its group where each group is a task of its own. */
  readonly rows?: readonly number[];
}

/** What the command line may change of the examples. */
export interface ShotChoice {
  readonly count?: number | undefined;
  readonly seed?: number | undefined;
}

/**
 * Plans the examples of `samples` records.
 *
 * @param views Readings of the samples' own records, where the examples come from the same split.
 * @throws UsageError `DATA_*` or `SHOTS_*`
 */
export async function planShots(
  spec: TaskSpec,
  views: readonly RecordView[],
  source: DataSource,
  root: string,
  choice: ShotChoice = {},
): Promise<ShotPlan> {
  const { shots } = spec;
  const count = choice.count ?? (shots === 0 ? 0 : shots.count);
  if (count === 0) return { of: () => ({ shots: [] }), origin: null };
  if (shots === 0) {
    throw new UsageError(
      'SHOTS_NONE',
      `${spec.id}.${spec.profile} has no examples to show; leave --shots out.`,
    );
  }
  if ('file' in shots) {
    const { shots: list, origin, sha256 } = await readExemplars(spec, { ...shots, count }, source, root);
    return { of: () => ({ shots: list }), origin: { from: origin, sha256 } };
  }
  return fromSplit(spec, { ...shots, count, seed: choice.seed ?? shots.seed }, views, source);
}

async function fromSplit(
  spec: TaskSpec,
  shots: SplitShots,
  own: readonly RecordView[],
  source: DataSource,
): Promise<ShotPlan> {
  if (typeof spec.data === 'string')
    throw new Error(`${spec.id}.${spec.profile}: packaged data has no splits`);
  const { set, split } = spec.data;
  const ownSplit = split === shots.split;
  const kind = recordKinds.get(spec.records)!;
  const located = locateData(dataSet(set), shots.split, source);
  const pool = ownSplit
    ? own
    : kind.views((await readData(located, kind.schema, kind.idField)).records.map(({ record }) => record));
  const from = `${set} ${shots.split}, ${shots.sampler === 'default' ? `drawn with seed ${shots.seed}` : 'first rows'}`;
  const origin = { from, sha256: dataDigest(fileFacts(located)) };

  const groupOf = (view: { readonly group?: string | undefined }) =>
    shots.perGroup ? (view.group ?? '') : '';
  const pools = new Map(
    [...groupBy(pool, groupOf)].map(([group, members]) => [
      group,
      // Each row once: five rows of a subject serve all its questions.
      members.map(({ fields }) => fillShot(spec, fields)),
    ]),
  );
  const sizes = groupBy(own, groupOf);
  const drawn = new Map<string, number[][]>();
  for (const [group, members] of sizes) {
    const poolSize = pools.get(group)?.length ?? 0;
    const needed = shots.count + (ownSplit && shots.sampler === 'default' ? 1 : 0);
    if (poolSize < needed) throw tooFew(spec, shots, poolSize, group);
    const { sampler, count, seed } = shots;
    drawn.set(group, drawShots({ sampler, count, poolSize, ownSplit, seed }, members.length));
  }
  return {
    origin,
    of: (sample) => {
      const group = groupOf(sample);
      const rows = drawn.get(group)![shots.perGroup ? sample.inGroup : sample.index]!;
      return { shots: rows.map((row) => pools.get(group)![row]!), rows };
    },
  };
}

function tooFew(spec: TaskSpec, { count, split }: SplitShots, rows: number, group: string): UsageError {
  const of = group === '' ? '' : ` of ${group}`;
  return new UsageError(
    'SHOTS_TOO_FEW',
    `${spec.id}.${spec.profile} shows ${count} examples, but the ${split} split${of} has ${rows} rows here; ask for ` +
      'fewer, or give --data the whole data set.',
  );
}
