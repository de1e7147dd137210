import { cp, rm } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { exists } from '../formats/files.js';
import type { WallClock } from '../measure/wall-clock.js';
import { writeSummary } from '../results/csv.js';
import { gpuName, type Manifest, readManifest, writeManifest } from '../results/manifest.js';
import { type PromptRow, promptFormat } from '../results/prompts.js';
import { type RepeatRow, repeatFormat } from '../results/repeats.js';
import { byCell, type RowFormat, RowLog, readRows } from '../results/row-log.js';
import { type SampleRow, sampleFormat } from '../results/samples.js';
import { writeScores } from '../results/scores.js';
import { disagreements } from './manifest.js';
import type { RunResult } from './run.js';
import { createRunDir, defaultRunDir, runFiles } from './run-dir.js';
import { rejoin } from './shard.js';
import { summarise, summariseScores } from './summarise.js';

/** One part of a run that was divided. */
interface Part {
  readonly dir: string;
  readonly manifest: Manifest;
  readonly samples: readonly SampleRow[];
  readonly repeats: readonly RepeatRow[];
  readonly prompts: readonly PromptRow[];
}

/** A merged run, and what a reader should know of it. */
export interface MergeResult extends RunResult {
  readonly warnings: readonly string[];
}

/**
 * Joins the shards of a run: the rows of an undivided run, cell by cell, and its summary.
 *
 * @param out Folder to make; default: as that of a run.
 * @param command As typed, for the manifest.
 * @throws UsageError for folders without a run, shards that are missing, doubled or not finished, and manifests
 * that disagree in what decides answers; nothing is written then.
 */
export async function mergeShards(
  dirs: readonly string[],
  out: string | undefined,
  command: readonly string[],
  now: WallClock,
): Promise<MergeResult> {
  const parts = inOrder(await Promise.all(dirs.map(readPart)));
  const [first] = parts as [Part];
  for (const part of parts) checkAgrees(first, part);
  const { cells } = first.manifest;
  const samplesOf = parts.map((part) => byCell(part.samples));
  const repeatsOf = parts.map((part) => byCell(part.repeats));
  const samples = cells.flatMap(({ id }) => rejoin(samplesOf.map((part) => part.get(id) ?? [])));
  const repeats = cells.flatMap(({ id }) => repeatsOf.flatMap((part) => part.get(id) ?? []));
  checkComplete(first.manifest, samples);

  const { experiment, configSha256 } = first.manifest;
  const files = await createRunDir(out ?? defaultRunDir({ experiment, configSha256, now }));
  try {
    await writeRows(files.samples, sampleFormat, samples);
    if (repeats.length > 0) await writeRows(files.repeats, repeatFormat, repeats);
    const prompts = parts.flatMap((part) => part.prompts);
    if (prompts.length > 0) await writeRows(files.prompts, promptFormat, prompts);
    for (const { dir } of parts) await copyTraces(runFiles(dir).traces, files.traces);
    const manifest = mergedManifest(parts, command);
    const rows = await summarise(manifest, samples, repeats);
    await writeSummary(files.summary, rows);
    const scores = summariseScores(manifest, samples);
    await writeScores(files.scores, scores);
    await writeManifest(files.manifest, manifest);
    return { files, manifest, rows, scores, complete: true, warnings: hardwareWarnings(parts) };
  } catch (error) {
    await rm(files.dir, { recursive: true, force: true });
    throw error;
  }
}

async function readPart(dir: string): Promise<Part> {
  const files = runFiles(dir);
  const manifest = await readManifest(files.manifest);
  if (manifest.shard === null) {
    throw new UsageError(
      'MERGE_NO_SHARD',
      `${dir} is a whole run, not a shard of one; shards are made with --shard k/n.`,
    );
  }
  if (manifest.state !== 'finished') {
    const { index, of } = manifest.shard;
    throw new UsageError(
      'MERGE_UNFINISHED',
      `${dir} (shard ${index}/${of}) is ${manifest.state}; finish it first: repro ${manifest.command.join(' ')} --resume ${dir}`,
    );
  }
  return {
    dir,
    manifest,
    samples: await readRows(files.samples, sampleFormat),
    repeats: await readRows(files.repeats, repeatFormat, { optional: true }),
    prompts: await readRows(files.prompts, promptFormat, { optional: true }),
  };
}

/** By their number; each from 1 to n once. */
function inOrder(parts: readonly Part[]): Part[] {
  const of = parts[0]!.manifest.shard!.of;
  const byIndex = new Map<number, Part>();
  for (const part of parts) {
    const { index, of: count } = part.manifest.shard!;
    if (count !== of) {
      throw new UsageError(
        'MERGE_SHARDS',
        `${part.dir} is shard ${index}/${count}, but ${parts[0]!.dir} is one of ${of}; merge the shards of one run.`,
      );
    }
    const twin = byIndex.get(index);
    if (twin !== undefined) {
      throw new UsageError('MERGE_SHARDS', `${twin.dir} and ${part.dir} are both shard ${index}/${of}.`);
    }
    byIndex.set(index, part);
  }
  const wanted = Array.from({ length: of }, (_, i) => i + 1);
  const missing = wanted.filter((index) => !byIndex.has(index));
  if (missing.length > 0) {
    const names = missing.map((index) => `${index}/${of}`).join(', ');
    throw new UsageError('MERGE_SHARDS', `shard ${names} is missing; name its folder, too.`);
  }
  return wanted.map((index) => byIndex.get(index)!);
}

function checkAgrees(first: Part, part: Part): void {
  const names = disagreements(first.manifest, part.manifest);
  if (names.length === 0) return;
  throw new UsageError(
    'MERGE_DISAGREE',
    `${first.dir} and ${part.dir} disagree in ${names.join(', ')}: they are no shards of one run.`,
  );
}

function checkComplete({ cells }: Manifest, samples: readonly SampleRow[]): void {
  const found = byCell(samples);
  for (const { id, samples: wanted } of cells) {
    const count = found.get(id)?.length ?? 0;
    if (count === wanted) continue;
    throw new UsageError(
      'MERGE_INCOMPLETE',
      `cell ${id} has ${count} of ${wanted} samples in these shards; a samples.jsonl was changed or cut.`,
    );
  }
}

async function writeRows<Row extends object>(
  path: string,
  format: RowFormat<Row>,
  rows: readonly Row[],
): Promise<void> {
  const log = await RowLog.open(path, format);
  try {
    for (const row of rows) await log.append(row);
  } finally {
    await log.close();
  }
}

async function copyTraces(from: string, to: string): Promise<void> {
  if (await exists(from)) await cp(from, to, { recursive: true });
}

function mergedManifest(parts: readonly Part[], command: readonly string[]): Manifest {
  const manifests = parts.map(({ manifest }) => manifest);
  const [first] = manifests as [Manifest];
  return {
    ...first,
    command: [...command],
    shard: null,
    workers: Math.max(...manifests.map(({ workers }) => workers)),
    canaries: manifests.flatMap(({ canaries }) => canaries),
    startedAt: manifests.map(({ startedAt }) => startedAt).sort()[0]!,
    endedAt: manifests
      .map(({ endedAt }) => endedAt ?? '')
      .sort()
      .at(-1)!,
    resumed: manifests.reduce((total, { resumed }) => total + resumed, 0),
  };
}

/** Answers are the same on another machine of the kind; times are not. */
function hardwareWarnings(parts: readonly Part[]): string[] {
  const [first] = parts as [Part];
  return parts.flatMap(({ dir, manifest }) => {
    const [machine, firstMachine] = [machineOf(manifest), machineOf(first.manifest)];
    if (machine === firstMachine) return [];
    return [
      `${dir} ran on ${machine}, ${first.dir} on ${firstMachine}: speeds of the merged run mix machines`,
    ];
  });
}

function machineOf(manifest: Manifest): string {
  const { cpu, cores } = manifest.environment;
  const gpu = gpuName(manifest);
  return `${gpu === null ? '' : `${gpu} beside `}${cpu} (${cores} cores)`;
}
