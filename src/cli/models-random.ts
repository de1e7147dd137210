import { resolve } from 'node:path';
import { counted, gigabytes } from '../counted.js';
import { UsageError } from '../errors.js';
import { exists, freeBytes } from '../formats/files.js';
import { monotonicClock } from '../measure/clock.js';
import { type PublishedModel, publishedModels } from '../models/published.js';
import { planRandom, type RandomPlan, writeRandom } from '../models/random-published.js';
import { PullProgress } from './pull-progress.js';

const dtypes = { bf16: 'BF16', fp16: 'F16', fp32: 'F32' } as const;

export interface RandomArgs {
  readonly like: PublishedModel['id'];
  readonly layers: number | undefined;
  readonly vocab: number | undefined;
  readonly dtype: keyof typeof dtypes;
  readonly seed: string;
}

export interface WrittenRandom {
  readonly dir: string;
  readonly like: PublishedModel['id'];
  readonly parameters: number;
  readonly bytes: number;
  readonly shards: number;
  readonly elapsedMs: number;
}

/** Writes a checkpoint with random weights, with progress on stderr. @throws UsageError if the disk has no room */
export async function writtenRandom(dir: string, args: RandomArgs): Promise<WrittenRandom> {
  const { like, layers, vocab, dtype, seed } = args;
  const model = publishedModels.find(({ id }) => id === like)!;
  const plan = planRandom({ like: model, layers, vocab, dtype: dtypes[dtype], seed });
  await refuseSmallDisk(resolve(dir), plan);
  const progress = new PullProgress(process.stderr, monotonicClock);
  const started = monotonicClock();
  await progress.during(dir, (signal) =>
    writeRandom(dir, plan, {
      signal,
      onBytes: (done) => progress.showBytes('random weights', done, plan.bytes),
    }),
  );
  const { parameters, bytes, shards } = plan;
  return { dir, like, parameters, bytes, shards: shards.length, elapsedMs: monotonicClock() - started };
}

async function refuseSmallDisk(dir: string, { bytes, shards }: RandomPlan): Promise<void> {
  // What an interrupted call has left counts as room.
  if (await exists(dir)) return;
  const free = await freeBytes(dir);
  if (free > bytes) return;
  throw new UsageError(
    'DISK_SMALL',
    `${counted(shards.length, 'shard')} of ${gigabytes(bytes)} GB in all do not fit: the disk of ${dir} has ${gigabytes(free)} GB free; ` +
      'take fewer --layers, a smaller --vocab, or another folder.',
  );
}
