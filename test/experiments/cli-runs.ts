import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/paths.js';
import { columnGroups } from '../../src/results/columns.js';
import { readSummary } from '../../src/results/csv.js';

/** A small table: two benchmarks without a sandbox, short canvases. */
export const smallTable = [
  'table1',
  ...['--benchmarks', 'mmlu,math', '--methods', 'dynamic-dllm,dynamic-dllm-apd', '--limit', '3'],
  ...['--set', 'generation.genLength=64', '--set', 'generation.steps=64', '--time-budget', '2s'],
];

/** The same without a measurement of speed. */
export const answerTable = [...smallTable, '--no-timing'];

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command line; `onLine` may end it. */
export async function runCli(
  args: readonly string[],
  cwd: string,
  onStart: (child: ChildProcess) => void = () => undefined,
): Promise<Finished> {
  const child = spawn(process.execPath, [join(packageRoot, 'bin', 'repro.js'), ...args], { cwd });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  onStart(child);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

/** Sends a signal once the sample log of a run holds so many lines. */
export function signalAtLines(
  child: ChildProcess,
  runDir: () => Promise<string>,
  lines: number,
  signal: NodeJS.Signals,
): void {
  // Reads may overtake each other, and a second signal means to stop at once.
  let isSent = false;
  const timer = setInterval(async () => {
    const text = await runDir()
      .then((dir) => readFile(join(dir, 'samples.jsonl'), 'utf8'))
      .catch(() => '');
    if (isSent || text.split('\n').length - 1 < lines) return;
    isSent = true;
    clearInterval(timer);
    child.kill(signal);
  }, 5);
  child.once('close', () => clearInterval(timer));
}

/** Key and deterministic columns of a run's summary. */
export async function deterministicColumns(dir: string): Promise<unknown[]> {
  const rows = await readSummary(join(dir, 'summary.csv'));
  const columns = [...columnGroups.key, ...columnGroups.deterministic];
  return rows.map((row) => columns.map((column) => row[column]));
}

/**
 * The rows of a run without what differs from run to run: timings, memory, and the order in which samples that
 * were decoded beside each other finished.
 */
export async function timelessRows(dir: string): Promise<unknown[]> {
  const text = await readFile(join(dir, 'samples.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .sort()
    .map((line) => {
      const row = JSON.parse(line);
      const { timings: _, peakMemoryBytes: __, ...output } = row.output;
      return { ...row, output };
    });
}
