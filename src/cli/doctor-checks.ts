import { constants, existsSync } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { counted } from '../counted.js';
import { packageRoot } from '../paths.js';
import { type Check, type Finding, ok } from './doctor-finding.js';
import { gpuChecks } from './doctor-gpu.js';

const reinstall = 'run "npm ci" in the folder of the program';
const restoreFiles = 'restore the files of the program (git status, git checkout)';
const gibibyte = 2 ** 30;

const gib = (bytes: number): string => `${(bytes / gibibyte).toFixed(1)} GiB`;

/** In the order in which later ones need earlier ones. */
export const checks: readonly Check[] = [
  {
    name: 'node',
    advice: 'install Node 20.19 or later',
    run: async () => {
      const { node } = process.versions;
      const [major = 0, minor = 0] = node.split('.').map(Number);
      if (major > 20 || (major === 20 && minor >= 19)) return ok(`Node ${node}`);
      return { status: 'fail', detail: `Node ${node} is too old`, advice: 'install Node 20.19 or later' };
    },
  },
  {
    name: 'program',
    advice: reinstall,
    run: async () => {
      const { captureEnvironment } = await import('../measure/environment.js');
      const { repro, git } = await captureEnvironment(packageRoot);
      if (git === null) return ok(`repro ${repro}, outside of a git repository`);
      return ok(`repro ${repro}, commit ${git.commit.slice(0, 12)}${git.dirty ? ' with local changes' : ''}`);
    },
  },
  {
    name: 'machine',
    advice: 'use a machine with at least 1 GiB of memory',
    run: async () => {
      const detail = `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${availableParallelism()} cores, ${gib(totalmem())}`;
      if (totalmem() >= gibibyte) return ok(detail);
      return { status: 'warn', detail, advice: 'runs may end for want of memory; use a machine with more' };
    },
  },
  {
    name: 'onnxruntime',
    advice: `${reinstall}; onnxruntime-node needs Linux with glibc, macOS or Windows`,
    run: async () => {
      const { listSupportedBackends } = await import('onnxruntime-node');
      // Listed are also backends whose libraries this installation does not have.
      const bundled = listSupportedBackends().filter((backend) => backend.bundled);
      const backends = bundled.map(({ name }) => name);
      if (backends.includes('cpu')) return ok(`loads; backends ${backends.join(', ')}`);
      return { status: 'fail', detail: `has no cpu backend (${backends.join(', ')})`, advice: reinstall };
    },
  },
  {
    name: 'model',
    advice: `${restoreFiles}: models/reference`,
    run: async () => {
      const { openCheckpoint, checkpointSha256 } = await import('../models/checkpoint.js');
      const checkpoint = await openCheckpoint(await referenceDir());
      const { layers, dModel, vocabSize } = checkpoint.dimensions;
      const digest = await checkpointSha256(checkpoint);
      const size = `${counted(layers, 'layer')} of ${dModel}, ${vocabSize} ids, ${(checkpoint.totalBytes / 1e6).toFixed(1)} MB`;
      return ok(`reference: ${size}, sha256 ${digest.slice(0, 16)}`);
    },
  },
  {
    name: 'engine',
    advice: `if onnxruntime and model are ok, ${reinstall}`,
    run: async () => ok(await runOnePass(await referenceDir())),
  },
  ...gpuChecks,
  {
    name: 'tokenizer',
    advice: `${restoreFiles}: models/reference/tokenizer.json`,
    run: async () => {
      const { loadTokenizer } = await import('../models/tokenizer.js');
      const tokenizer = await loadTokenizer(await referenceDir());
      if (tokenizer === undefined) throw new Error('the reference model has no tokenizer.json');
      const text = 'Tom has 12 apples.\n';
      const ids = tokenizer.encode(text);
      if (tokenizer.decode(ids) !== text) throw new Error('a text does not come back as it was');
      return ok(`${ids.length} ids there and back`);
    },
  },
  {
    name: 'tasks',
    advice: `${restoreFiles}: tasks`,
    run: async () => {
      const { listTasks, loadTask } = await import('../tasks/library.js');
      const packaged = listTasks()
        .map(({ id, profile }) => loadTask(id, profile))
        .filter((task) => task.packaged);
      const counts: string[] = [];
      for (const task of packaged) {
        counts.push(`${task.id}.${task.profile} ${(await task.samples()).length}`);
      }
      return ok(`samples: ${counts.join(', ')}`);
    },
  },
  {
    name: 'sandbox',
    advice: `${reinstall}; without it HumanEval cannot be scored`,
    run: async () => {
      const { runPython } = await import('../sandbox/run.js');
      const verdict = await runPython('assert sum(range(5)) == 10\n');
      if (verdict.kind === 'passed') {
        return ok(`pyodide runs Python in the locked child process; ${await otherPythons()}`);
      }
      throw new Error(`a correct program ended as ${verdict.kind}: ${verdict.detail}`);
    },
  },
  {
    name: 'results',
    advice: 'choose another place with --out DIR',
    run: async () => {
      const folder = resolve('results', 'runs');
      const present = nearestExisting(folder);
      await access(present, constants.W_OK);
      const { bavail, bsize } = await statfs(present);
      const free = bavail * bsize;
      const detail = `${folder} is writable, ${gib(free)} free`;
      if (free >= gibibyte) return ok(detail);
      return { status: 'warn', detail, advice: 'free some space or choose another disk with --out DIR' };
    },
  },
];

/** Whether the other words of `--python` work here. */
async function otherPythons(): Promise<string> {
  const { bubblewrapBackend, systemBackend } = await import('../sandbox/native.js');
  const found = async (word: string, open: typeof systemBackend): Promise<string> => {
    try {
      const backend = await open();
      return `--python ${word}: ${(await backend.describe(backend.limits)).interpreter}`;
    } catch (error) {
      return `--python ${word}: no, ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  return [await found('bubblewrap', bubblewrapBackend), await found('system', systemBackend)].join('; ');
}

async function referenceDir(): Promise<string> {
  const { resolveModel } = await import('../config/model.js');
  return resolveModel('reference').dir;
}

/** Denoises one token of the reference model and says how long it took. */
async function runOnePass(dir: string): Promise<string> {
  const { openCheckpoint } = await import('../models/checkpoint.js');
  const { openEngine } = await import('../engine/open.js');
  const { decode } = await import('../decoding/loop.js');
  const { generationOptions, resolveGeneration } = await import('../decoding/settings.js');
  const { createMethod } = await import('../decoding/method.js');
  const { monotonicClock } = await import('../measure/clock.js');
  const checkpoint = await openCheckpoint(dir);
  const generation = resolveGeneration(generationOptions.parse({ genLength: 1, blockLength: 1 }));
  const vanilla = { cache: { policy: 'none' }, unmask: { rule: 'model' } } as const;
  const engine = await openEngine(checkpoint);
  try {
    const { timings } = await decode(engine, {
      ...createMethod(vanilla, checkpoint.dimensions.family, generation),
      promptIds: Int32Array.of(checkpoint.dimensions.eosId),
      generation,
      special: checkpoint.dimensions,
      clock: monotonicClock,
    });
    return `${engine.device}: one pass in ${timings.denoiseMs.toFixed(1)} ms`;
  } finally {
    await engine.close();
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** The finding of a check, also of one that throws. */
export async function runCheck({ run, advice }: Check): Promise<Finding> {
  try {
    return await run();
  } catch (error) {
    const [detail = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { status: 'fail', detail, advice };
  }
}
