/**
 * A sweep of 200 cells that is interrupted and killed at random moments until it is finished, against the same sweep
 * in one go. `npx tsx scripts/soak/sweep.ts [seed]`; needs `npm run build`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '../../src/results/manifest.js';
import { Rng } from '../../src/stats/rng.js';
import { answerRows, deterministicText, mustRun, repro } from './runs.js';

const rng = new Rng(`sweep ${process.argv[2] ?? 1}`);
const folder = await mkdtemp(join(tmpdir(), 'repro-soak-'));
const file = join(folder, 'budgets.yaml');
await writeFile(
  file,
  `method: dynamic-dllm
benchmarks: [gsm8k, math]
limit: 2
generation: { genLength: 64, blockLength: 32, steps: 64 }
grid:
  method.cache.layerBudget: [1, 2, 3, 4, 5, 6, 8, 10, 12, 16]
  method.cache.windowSize: [0, 1, 2, 3, 4, 6, 8, 10, 12, 16]
`,
);
const sweep = ['sweep', file, '--time-budget', '0'];
const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
try {
  await mustRun([...sweep, '--out', whole], folder);
  const { cells } = await readManifest(join(whole, 'manifest.json'));
  let sittings = 1;
  for (let flags: string[] = []; ; flags = ['--resume'], sittings += 1) {
    const signal = rng.below(2) === 0 ? 'SIGINT' : 'SIGKILL';
    const end = await repro([...sweep, '--out', parts, ...flags], folder, (child) => {
      const timer = setTimeout(() => child.kill(signal), 500 + rng.uniform() * 4000);
      child.once('close', () => clearTimeout(timer));
    });
    if (end.code === 0) break;
    if (end.signal === null && end.code !== 130) throw new Error(end.stderr);
  }
  if ((await answerRows(parts)) !== (await answerRows(whole))) throw new Error('other rows');
  if ((await deterministicText(parts)) !== (await deterministicText(whole))) throw new Error('other columns');
  console.log(`${cells.length} cells in ${sittings} sittings: rows and deterministic columns are identical`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
