import { join } from 'node:path';
import { recordedPlan } from '../../../src/report/recorded-plan.js';
import { runReport } from '../../../src/report/run-report.js';
import { readSummary } from '../../../src/results/csv.js';
import { readManifest } from '../../../src/results/manifest.js';
import { promptFormat } from '../../../src/results/prompts.js';
import { repeatFormat } from '../../../src/results/repeats.js';
import { readRows } from '../../../src/results/row-log.js';
import { sampleFormat } from '../../../src/results/samples.js';
import { readScores } from '../../../src/results/scores.js';
import { readTraces } from '../../../src/results/trace-file.js';

/** Everything that a page is made of, from the files of a finished run. */
export async function runFilesOf(dir: string) {
  const file = (name: string) => join(dir, name);
  const manifest = await readManifest(file('manifest.json'));
  const report = await runReport({
    plan: recordedPlan(manifest, file('manifest.json')),
    rows: await readSummary(file('summary.csv')),
    scores: await readScores(file('scores.csv')),
    manifest,
  });
  return {
    ...{ report, manifest },
    samples: await readRows(file('samples.jsonl'), sampleFormat),
    repeats: await readRows(file('repeats.jsonl'), repeatFormat),
    prompts: await readRows(file('prompts.jsonl'), promptFormat),
    traces: await readTraces(file('traces')),
  };
}

/** A small run with traces whose methods do not all answer alike. */
export const tracedTable = [
  'table1',
  ...['--benchmarks', 'mmlu,math', '--methods', 'dynamic-dllm,dynamic-dllm-apd', '--limit', '4'],
  ...['--set', 'generation.genLength=64', '--set', 'generation.steps=64', '--no-timing', '--traces', '2'],
];
