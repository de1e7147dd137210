/**
 * Runs the same small table again and again and compares what must not differ: reruns, shards, several workers,
 * and runs that are killed at random moments and resumed. `npx tsx scripts/soak/identical.ts [reruns] [kills] [seed]`;
 * needs `npm run build`. Ends with 1 at the first difference.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rng } from '../../src/stats/rng.js';
import { answerRows, deterministicText, mustRun, repro } from './runs.js';

const [reruns = 20, kills = 50, seed = 1] = process.argv.slice(2).map(Number);
const table = [
  ...['table1', '--benchmarks', 'mmlu,gsm8k', '--limit', '4', '--time-budget', '0'],
  ...['--methods', 'dkv-cache,dllm-cache,dynamic-dllm,dynamic-dllm-apd'],
  ...['--set', 'generation.genLength=64', '--set', 'generation.steps=64'],
];
const folder = await mkdtemp(join(tmpdir(), 'repro-soak-'));
const at = (name: string) => join(folder, name);
const rng = new Rng(`soak ${seed}`);

try {
  const started = Date.now();
  await mustRun([...table, '--out', at('whole')], folder);
  const wholeMs = Date.now() - started;
  const expected = { rows: await answerRows(at('whole')), summary: await deterministicText(at('whole')) };
  const compare = async (name: string, what: string) => {
    if ((await answerRows(at(name))) !== expected.rows) throw new Error(`${what}: other rows`);
    if ((await deterministicText(at(name))) !== expected.summary) throw new Error(`${what}: other columns`);
    await rm(at(name), { recursive: true });
  };

  for (let i = 1; i < reruns; i++) {
    await mustRun([...table, '--out', at('again')], folder);
    await compare('again', `rerun ${i}`);
  }
  console.log(`${reruns} runs of the same table: rows and deterministic columns are identical`);

  for (const of of [1, 2, 4]) {
    const parts = Array.from({ length: of }, (_, i) => at(`part${i + 1}`));
    for (const [i, part] of parts.entries()) {
      await mustRun([...table, '--shard', `${i + 1}/${of}`, '--out', part], folder);
    }
    if (of > 1) await mustRun(['merge', ...parts, '--out', at('merged')], folder);
    await compare(of === 1 ? 'part1' : 'merged', `${of} shards`);
    for (const part of parts) await rm(part, { recursive: true, force: true });
  }
  console.log('1, 2 and 4 shards: identical');

  await mustRun([...table, '--workers', '2', '--out', at('workers')], folder);
  await compare('workers', 'two workers');
  console.log('2 workers: identical');

  let killed = 0;
  let runs = 0;
  while (killed < kills) {
    runs += 1;
    for (;;) {
      const delayMs = rng.uniform() * wholeMs * 0.8;
      const signal = rng.below(4) === 0 ? 'SIGINT' : 'SIGKILL';
      const flags = existsSync(at('killed')) ? ['--resume'] : [];
      const end = await repro([...table, '--out', at('killed'), ...flags], folder, (child) => {
        const timer = setTimeout(() => child.kill(signal), delayMs);
        child.once('close', () => clearTimeout(timer));
      });
      if (end.code === 0) break;
      if (end.signal === null && end.code !== 130) {
        throw new Error(end.stderr);
      }
      killed += 1;
    }
    await compare('killed', `killed run ${runs}`);
  }
  console.log(`${killed} kills at random moments (${runs} runs, each resumed to its end): identical`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
