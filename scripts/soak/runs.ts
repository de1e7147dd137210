import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/paths.js';
import { columnGroups } from '../../src/results/columns.js';
import { readCsv } from '../../src/results/csv.js';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Starts the built command line; `onStart` may end it. */
export async function repro(
  args: readonly string[],
  cwd: string,
  onStart: (child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [join(packageRoot, 'bin', 'repro.js'), ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  onStart(child);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stderr };
}

/** @throws Error with the program's own words if it did not end with 0. */
export async function mustRun(args: readonly string[], cwd: string): Promise<void> {
  const { code, signal, stderr } = await repro(args, cwd);
  if (code !== 0) throw new Error(`repro ${args.join(' ')} ended with ${code ?? signal}: ${stderr}`);
}

/** Text of the key and deterministic columns of a run's summary, byte for byte as printed. */
export async function deterministicText(dir: string): Promise<string> {
  const rows = await readCsv(join(dir, 'summary.csv'));
  const columns = [...columnGroups.key, ...columnGroups.deterministic];
  return rows.map((row) => columns.map((column) => row[column]).join('\t')).join('\n');
}

/** The rows of a run, sorted, without times and memory. @throws Error if a sample of a cell stands twice. */
export async function answerRows(dir: string): Promise<string> {
  const text = await readFile(join(dir, 'samples.jsonl'), 'utf8');
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const row = JSON.parse(line);
      if (row.output !== null) {
        delete row.output.timings;
        delete row.output.peakMemoryBytes;
      }
      return row;
    });
  const keys = new Set(rows.map(({ cell, sample }) => `${cell}\n${sample}`));
  if (keys.size !== rows.length) throw new Error(`${dir}: ${rows.length - keys.size} rows stand twice`);
  return rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join('\n');
}
