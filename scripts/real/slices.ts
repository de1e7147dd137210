import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exists } from '../../src/formats/files.js';
import { elementCount } from '../../src/formats/safetensors/dtypes.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { captureEnvironment } from '../../src/measure/environment.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { convertCheckpoint } from '../../src/models/precision/convert.js';
import { quantisedPrecisions } from '../../src/models/precision/stored.js';
import { publishedModels } from '../../src/models/published.js';
import { planRandom, writeRandom } from '../../src/models/random-published.js';
import { packageRoot } from '../../src/paths.js';
import { readCsv, writeCsv } from '../../src/results/csv.js';
import type { SliceRow } from './measure-slice.js';
import { slicesTable } from './slice-summary.js';

/**
 * Every method on slices of the published models with their true widths and vocabulary, in each precision:
 *
 *     npx tsx scripts/real/slices.ts [--models llada-8b,dream-7b] [--precisions fp32,int8,int4] [--layers 2]
 *         [--methods vanilla,dynamic-dllm] [--scratch DIR] [--out results/real/slices.csv]
 *
 * A process of its own for each model and precision decodes one response with every method; peaks are of that process.
 * Rows of other models and precisions that `--out` has stay; a summary of all goes to stdout. Needs 9 GB of memory and 7 GB of disk a model. Checkpoints
 * are kept where `--scratch` names a folder. Exit code 1 where the bound on memory did not hold.
 */
const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'llada-8b,dream-7b' },
    precisions: { type: 'string', default: 'fp32,int8,int4' },
    layers: { type: 'string', default: '2' },
    methods: { type: 'string', default: '' },
    scratch: { type: 'string' },
    out: { type: 'string', default: join('results', 'real', 'slices.csv') },
    'prompt-length': { type: 'string', default: '64' },
    'gen-length': { type: 'string', default: '32' },
    'block-length': { type: 'string', default: '16' },
    steps: { type: 'string', default: '8' },
  },
});

const columns = [
  'model',
  'layers',
  'precision',
  'method',
  'graph',
  'loads',
  'load_ms',
  'passes',
  'first_pass_ms',
  'full_pass_ms',
  'partial_pass_ms',
  'tokens',
  'distinct_tokens',
  'weights_gb',
  'peak_anonymous_gb',
  'peak_mapped_gb',
  'bound_gb',
  'held',
  'cpu',
  'cores',
  'onnxruntime',
] as const;

/** Small enough that a slice comes in several files, as the published models do. */
const shardBytes = 1.1e9;

const say = (line: string) => process.stderr.write(`${line}\n`);
const scratch = values.scratch ?? (await mkdtemp(join(tmpdir(), 'repro-slices-')));
const environment = await captureEnvironment(packageRoot);
let held = true;
try {
  for (const id of values.models.split(',')) {
    const dir = await writtenSlice(id);
    for (const precision of values.precisions.split(',')) await measured(id, dir, precision);
  }
} finally {
  if (values.scratch === undefined) await rm(scratch, { recursive: true, force: true });
}
process.stdout.write(slicesTable(await readCsv(values.out)));
process.exitCode = held ? 0 : 1;

/** Folder of a random checkpoint in shards, made unless it is there. */
async function writtenSlice(id: string): Promise<string> {
  const like = publishedModels.find((model) => model.id === id);
  if (like === undefined)
    throw new Error(
      `--models names ${id}; there are ${publishedModels.map((model) => model.id).join(', ')}.`,
    );
  const plan = planRandom({ like: { ...like, shardBytes }, layers: Number(values.layers), seed: 'slice' });
  const dir = join(scratch, `${id}-${values.layers}`);
  say(`${id}: ${plan.parameters} parameters in ${plan.shards.length} shards, ${dir}`);
  await writeRandom(dir, plan);
  return dir;
}

/** Converts if need be, measures in a process of its own, and puts the rows into the table. */
async function measured(id: string, published: string, precision: string): Promise<void> {
  const started = monotonicClock();
  const quantised = quantisedPrecisions.find((name) => name === precision);
  const source = { id, name: id, settings: id.startsWith('dream') ? 'dream' : 'llada', titleNote: null };
  const cacheDir = join(scratch, 'converted');
  const dir =
    quantised === undefined
      ? published
      : await convertCheckpoint(published, { precision: quantised, source, cacheDir });
  if (quantised !== undefined)
    say(`${id} in ${precision}: ${seconds(monotonicClock() - started)} s to convert`);
  const { totalBytes, specs } = await openCheckpoint(dir);
  const parameters = specs.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const weightBytes = quantised === undefined ? 4 * parameters : totalBytes;
  const boundBytes = 1.15 * weightBytes + 1e9;
  const rows: Record<string, string | number>[] = [];
  for await (const row of childRows(dir)) {
    const isHeld = row.peakAnonymousBytes <= boundBytes;
    held &&= isHeld;
    say(
      `${id} ${precision} ${row.method}: ${(row.peakAnonymousBytes / 1e9).toFixed(2)} of ${(boundBytes / 1e9).toFixed(2)} GB, ` +
        `${row.loads} loads${row.loadMs === null ? '' : ` (${seconds(row.loadMs)} s)`}, first pass ${row.firstPassMs.toFixed(0)} ms, ` +
        `partial ${row.partialPassMs?.toFixed(0) ?? '-'} ms, ${row.distinctTokens} of ${row.tokens} tokens differ${isHeld ? '' : ' NOT HELD'}`,
    );
    rows.push({
      ...{ model: id, layers: Number(values.layers), precision, method: row.method, graph: row.graph },
      ...{ loads: row.loads, load_ms: shown(row.loadMs), passes: row.passes },
      ...{ first_pass_ms: shown(row.firstPassMs), full_pass_ms: shown(row.fullPassMs) },
      ...{
        partial_pass_ms: shown(row.partialPassMs),
        tokens: row.tokens,
        distinct_tokens: row.distinctTokens,
      },
      ...{ weights_gb: gb(weightBytes), peak_anonymous_gb: gb(row.peakAnonymousBytes) },
      ...{ peak_mapped_gb: gb(row.peakMappedBytes), bound_gb: gb(boundBytes) },
      ...{ held: isHeld ? 'yes' : 'no', cpu: environment.cpu, cores: environment.cores },
      ...{ onnxruntime: environment.onnxruntime },
    });
  }
  const before = (await exists(values.out)) ? await readCsv(values.out) : [];
  const others = before.filter(
    (row) => row.model !== id || row.layers !== values.layers || row.precision !== precision,
  );
  await mkdir(dirname(values.out), { recursive: true });
  await writeCsv(values.out, columns, [...others, ...rows]);
}

async function* childRows(dir: string): AsyncGenerator<SliceRow> {
  const generation = {
    genLength: Number(values['gen-length']),
    blockLength: Number(values['block-length']),
    steps: Number(values.steps),
  };
  const script = fileURLToPath(new URL('./slice-child.ts', import.meta.url));
  const args = [
    '--import',
    'tsx',
    script,
    dir,
    values['prompt-length'],
    JSON.stringify(generation),
    values.methods,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line) as SliceRow;
  const code = await ended;
  if (code !== 0) throw new Error(`the process for ${dir} ended with ${code ?? 'a signal'}`);
}

function shown(ms: number | null): string {
  return ms === null ? '' : ms.toFixed(0);
}

function gb(bytes: number): string {
  return (bytes / 1e9).toFixed(3);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
