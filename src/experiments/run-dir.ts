import { access, constants, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { exists, makeFolders } from '../formats/files.js';
import { isPartialOf } from '../formats/partials.js';
import type { WallClock } from '../measure/wall-clock.js';
import { type Manifest, readManifest } from '../results/manifest.js';
import type { Shard } from './shard.js';

/** Where runs go unless `--out` says otherwise, below the folder in which the command is typed. */
export const defaultRunsDir = join('results', 'runs');

/** The files of a run. */
export interface RunFiles {
  readonly dir: string;
  readonly manifest: string;
  readonly samples: string;
  readonly repeats: string;
  readonly summary: string;
  readonly scores: string;
  /** Texts of the prompts, where they may be shown. */
  readonly prompts: string;
  /** Folder; only where traces were asked for. */
  readonly traces: string;
}

export function runFiles(dir: string): RunFiles {
  const file = (name: string) => join(dir, name);
  return {
    dir,
    manifest: file('manifest.json'),
    samples: file('samples.jsonl'),
    repeats: file('repeats.jsonl'),
    summary: file('summary.csv'),
    scores: file('scores.csv'),
    prompts: file('prompts.jsonl'),
    traces: file('traces'),
  };
}

export interface RunDirOptions {
  readonly experiment: string;
  readonly configSha256: string;
  readonly shard?: Shard | undefined;
  readonly out?: string | undefined;
  /** `true` = the newest unfinished run of the same config, or a folder. */
  readonly resume?: string | true | undefined;
  readonly now: WallClock;
}

/** The folder of a run: a new one, or one that is taken up again together with its manifest. */
export type RunDir =
  | { readonly state: 'new'; readonly files: RunFiles }
  | { readonly state: 'resumed'; readonly files: RunFiles; readonly manifest: Manifest };

const orResume = 'add --resume to go on with the run in it, or name a new folder';

/**
 * @throws UsageError for a folder that exists without `--resume`, cannot be written, or holds another run.
 */
export async function openRunDir(options: RunDirOptions): Promise<RunDir> {
  const { configSha256, shard, out, resume } = options;
  const chosen = typeof resume === 'string' ? resume : out;
  if (resume === undefined) {
    return { state: 'new', files: await createRunDir(out ?? defaultRunDir(options), orResume) };
  }
  const dir = chosen ?? (await newestUnfinished(configSha256, shard));
  const files = runFiles(resolve(dir));
  if (!(await exists(files.manifest))) {
    if (await wasBarelyBegun(files)) return { state: 'new', files };
    throw new UsageError(
      'RUN_NOT_FOUND',
      `${dir} holds no run (there is no manifest.json); leave out --resume to start one.`,
    );
  }
  const manifest = await readManifest(files.manifest);
  if (manifest.configSha256 !== configSha256) {
    throw new UsageError(
      'RUN_OTHER_CONFIG',
      `${dir} was made by another configuration (${manifest.configSha256.slice(0, 6)}, now ${configSha256.slice(0, 6)}); ` +
        `repeat its command with --resume (it was: repro ${manifest.command.join(' ')}), or start a new run.`,
    );
  }
  await checkWritable(files.dir);
  return { state: 'resumed', files, manifest };
}

/** `results/runs/<experiment>-<utc>-<hash6>`, with the shard behind it. */
export function defaultRunDir({
  experiment,
  configSha256,
  shard,
  now,
}: Pick<RunDirOptions, 'experiment' | 'configSha256' | 'shard' | 'now'>): string {
  const stamp = now()
    .toISOString()
    .replace(/[-:]|\.\d+/g, '');
  const part = shard === undefined ? '' : `-${shard.index}of${shard.of}`;
  return join(defaultRunsDir, `${experiment}-${stamp}-${configSha256.slice(0, 6)}${part}`);
}

/** @throws UsageError for a folder that exists or cannot be written. */
export async function createRunDir(out: string, orElse = 'name a new folder with --out'): Promise<RunFiles> {
  if (out === '') throw new UsageError('OUT_EMPTY', '--out is empty; name a folder.');
  const dir = resolve(out);
  if (await exists(dir)) {
    throw new UsageError('OUT_EXISTS', `--out ${out} exists already; ${orElse}.`);
  }
  try {
    await makeFolders(dir);
  } catch (error) {
    throw new UsageError(
      'OUT_NOT_WRITABLE',
      `cannot create ${out} (${errorCode(error)}); name another folder with --out.`,
    );
  }
  await checkWritable(dir);
  return runFiles(dir);
}

/** A run that was killed before its manifest was whole has nothing to lose: resuming it begins it. */
async function wasBarelyBegun({ dir, manifest }: RunFiles): Promise<boolean> {
  const names = await readdir(dir).catch(() => undefined);
  return names?.every((name) => isPartialOf(basename(manifest), name)) === true;
}

async function checkWritable(dir: string): Promise<void> {
  await access(dir, constants.W_OK).catch((error: unknown) => {
    throw new UsageError(
      'OUT_NOT_WRITABLE',
      `cannot write to ${dir} (${errorCode(error)}); name another folder with --out.`,
    );
  });
}

async function newestUnfinished(configSha256: string, shard: Shard | undefined): Promise<string> {
  const names = await readdir(defaultRunsDir).catch(() => []);
  const runs: { dir: string; startedAt: string }[] = [];
  for (const name of names) {
    const dir = join(defaultRunsDir, name);
    const manifest = await readManifest(runFiles(dir).manifest).catch(() => undefined);
    if (manifest === undefined || manifest.state === 'finished') continue;
    const { index, of } = manifest.shard ?? {};
    if (index !== shard?.index || of !== shard?.of) continue;
    if (manifest.configSha256 === configSha256) runs.push({ dir, startedAt: manifest.startedAt });
  }
  const newest = runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0];
  if (newest === undefined) {
    throw new UsageError(
      'RUN_NONE_UNFINISHED',
      `there is no unfinished run of this configuration in ${defaultRunsDir}; leave out --resume, or give its folder.`,
    );
  }
  return newest.dir;
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
