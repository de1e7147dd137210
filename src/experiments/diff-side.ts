import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../errors.js';
import { CsvTable } from '../formats/csv.js';
import { exists } from '../formats/files.js';
import { summaryColumns } from '../results/columns.js';
import { formatCsv, readCsvText } from '../results/csv.js';
import type { DiffSide } from '../results/diff/types.js';
import { refuseFigure } from '../results/figure-run.js';
import { type Manifest, readManifest } from '../results/manifest.js';
import { repeatFormat } from '../results/repeats.js';
import { readRows } from '../results/row-log.js';
import { sampleFormat } from '../results/samples.js';
import { runFiles } from './run-dir.js';
import { summarise } from './summarise.js';

const oddStates: Readonly<Record<Exclude<Manifest['state'], 'finished'>, string>> = {
  running: 'is a run that is still going on or was killed',
  interrupted: 'is a run that was interrupted',
  failed: 'is a run that failed',
};

/**
 * Opens what `repro diff` compares: a run directory, or a summary CSV with the manifest that lies beside it
 * (`manifest.json` beside `summary.csv`, else `x.manifest.json` beside `x.csv`).
 *
 * @param name `A` or `B`, for messages.
 * @throws UsageError for a path that is neither, and for unreadable files
 */
export async function openDiffSide(path: string, name: 'A' | 'B'): Promise<DiffSide> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (info instanceof Error) {
    const why = info.code === 'ENOENT' ? 'there is no such file or folder' : `cannot be read (${info.code})`;
    throw new UsageError('DIFF_PATH', `${name}: ${path}: ${why}; give a summary CSV or the folder of a run.`);
  }
  return info.isDirectory() ? openRun(path, name) : openTable(path, name);
}

async function openTable(path: string, name: string): Promise<DiffSide> {
  const csv = new CsvTable(await readCsvText(path), path);
  const manifest = await manifestBeside(path);
  return {
    ...{ path, csv, realPath: await realPathOf(path), warnings: stateWarnings(manifest, name) },
    ...(manifest === undefined ? {} : { manifest }),
  };
}

async function openRun(path: string, name: string): Promise<DiffSide> {
  const files = runFiles(path);
  if (!(await exists(files.manifest))) {
    throw new UsageError(
      'DIFF_NO_RUN',
      `${name}: ${path} holds no run (there is no manifest.json); give the folder of a run or a summary CSV.`,
    );
  }
  const manifest = await readManifest(files.manifest);
  refuseFigure(manifest, path);
  const samples = (await exists(files.samples)) ? await readRows(files.samples, sampleFormat) : undefined;
  const warnings = stateWarnings(manifest, name);
  const base = { path, manifest, ...(samples === undefined ? {} : { samples }) };
  if (await exists(files.summary)) {
    const csv = new CsvTable(await readCsvText(files.summary), files.summary);
    return { ...base, csv, realPath: await realPathOf(files.summary), warnings };
  }
  const repeats = await readRows(files.repeats, repeatFormat, { optional: true });
  const rows = await summarise(manifest, samples ?? [], repeats);
  if (rows.length === 0) {
    throw new UsageError(
      'RUN_NO_SUMMARY',
      `${name}: ${path} has no samples yet; go on with it first: repro ${manifest.command.join(' ')} --resume ${path}`,
    );
  }
  return {
    ...base,
    csv: new CsvTable(formatCsv(summaryColumns, rows), files.samples),
    realPath: await realpath(path),
    warnings: [...warnings, `${name} has no summary.csv: its rows were made from samples.jsonl`],
  };
}

async function manifestBeside(path: string): Promise<Manifest | undefined> {
  const file = basename(path);
  const beside = file === 'summary.csv' ? 'manifest.json' : `${file.replace(/\.csv$/i, '')}.manifest.json`;
  const manifest = join(dirname(path), beside);
  return (await exists(manifest)) ? readManifest(manifest) : undefined;
}

function stateWarnings(manifest: Manifest | undefined, name: string): string[] {
  if (manifest === undefined || manifest.state === 'finished') return [];
  return [`${name} ${oddStates[manifest.state]}: compared is what it has`];
}

/** A pipe (`repro diff <(gunzip -c a.csv.gz) b.csv`) has no path of its own. */
async function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
