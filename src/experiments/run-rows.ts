import { UsageError } from '../errors.js';
import { exists } from '../formats/files.js';
import type { SummaryRow } from '../results/columns.js';
import { readSummary } from '../results/csv.js';
import type { Manifest } from '../results/manifest.js';
import { repeatFormat } from '../results/repeats.js';
import { readRows } from '../results/row-log.js';
import { sampleFormat } from '../results/samples.js';
import { readScores, type ScoreRow } from '../results/scores.js';
import type { RunFiles } from './run-dir.js';
import { summarise, summariseScores } from './summarise.js';

/**
 * The summary rows of a run from its files: those of summary.csv or, of a run that is going on or was killed, of
 * the samples until now.
 *
 * @throws UsageError for damaged files
 */
export async function runRows(files: RunFiles, manifest: Manifest): Promise<SummaryRow[]> {
  const hasSamples = await exists(files.samples);
  const isWritten = await exists(files.summary);
  if (isWritten && (manifest.state !== 'running' || !hasSamples)) return readSummary(files.summary);
  if (!hasSamples) return [];
  return summarise(
    manifest,
    await readRows(files.samples, sampleFormat),
    await readRows(files.repeats, repeatFormat, { optional: true }),
  );
}

/**
 * What every scorer says of the cells of a run, from its files as `runRows`; none for a run without either file.
 *
 * @throws UsageError for damaged files
 */
export async function runScores(files: RunFiles, manifest: Manifest): Promise<ScoreRow[]> {
  const hasSamples = await exists(files.samples);
  const isWritten = await exists(files.scores);
  if (isWritten && (manifest.state !== 'running' || !hasSamples)) {
    return readScores(files.scores).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(
        error.code,
        `${error.message} Remove the file: samples.jsonl has what it says, too.`,
      );
    });
  }
  return hasSamples ? summariseScores(manifest, await readRows(files.samples, sampleFormat)) : [];
}
