import { dirname, join } from 'node:path';
import type { Outcome } from '../conformance/verify.js';
import { EngineLostError } from '../engine/types.js';
import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';
import { deviceFlag, resolveDevice } from './device-flag.js';
import { checkWhole } from './plan-flags.js';
import { complain } from './report-error.js';
import type { VerifyModels } from './verify-models.js';
import type { VectorFile } from './verify-select.js';

interface FileOutcome {
  readonly file: VectorFile;
  readonly outcome: Outcome;
}

export const command = defineCommand({
  command: 'verify [dirs..]',
  describe: 'Compare our decoding with traces recorded from the official implementations',
  builder: (yargs) =>
    deviceFlag(yargs)
      .positional('dirs', { type: 'string', array: true, describe: 'Folders of recorded vectors (*.json)' })
      .option('models', {
        type: 'string',
        describe: 'Folder of the models that the vectors name; default DIR/../models',
      })
      .option('methods', {
        type: 'string',
        requiresArg: true,
        describe: 'Only vectors of these methods, by their name in the vectors or ours: a,b',
      })
      .option('limit', {
        type: 'number',
        requiresArg: true,
        describe: 'Only so many vectors of each method, those with the fewest passes',
      })
      .option('certificate', {
        type: 'string',
        requiresArg: true,
        describe:
          'Where the result is kept; default: results/certificates/<device>.json; --no-certificate: nowhere',
      })
      .option('allow-skipped', {
        type: 'boolean',
        default: false,
        describe: 'Do not fail for methods that are not built',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object instead of text' })
      .example('repro verify conformance/public --allow-skipped', 'check every vector of a folder')
      .example(
        'repro verify conformance/public --device webgpu --limit 1',
        'one vector a method, on the GPU',
      ),
  handler: async (args) => {
    const dirs = args.dirs ?? [];
    if (dirs.length === 0) {
      throw new UsageError('VERIFY_NO_DIR', 'verify needs a folder of vectors: type "repro verify DIR".');
    }
    checkWhole('--limit', args.limit);
    const { readVectors, selectVectors } = await import('./verify-select.js');
    const { certify, largestDeviation } = await import('./verify-certificate.js');
    const { VerifyModels } = await import('./verify-models.js');
    const { monotonicClock } = await import('../measure/clock.js');
    const { systemWallClock } = await import('../measure/wall-clock.js');
    const all = (await Promise.all(dirs.map(readVectors))).flat();
    const methods = args.methods?.split(',').map((name) => name.trim());
    const files = selectVectors(all, { methods, limit: args.limit });
    const device = await resolveDevice(args.device);
    const models = new VerifyModels(device.device);
    const started = monotonicClock();
    const outcomes: FileOutcome[] = [];
    try {
      for (const file of byModel(files)) {
        const outcome = await verifyFile(file, models, args.models);
        if (outcome.state === 'failed' && !args.json) {
          process.stderr.write(`${join(file.dir, file.name)}: ${outcome.reason}\n`);
        }
        outcomes.push({ file, outcome });
      }
    } finally {
      await models.close();
    }
    const counts = countsOf(outcomes);
    const deviation = largestDeviation(outcomes.map(({ outcome }) => outcome));
    const verified = {
      ...{ device, engine: models.facts, files, counts, deviation },
      subset: files.length < all.length,
      durationMs: monotonicClock() - started,
      createdAt: systemWallClock(),
    };
    // yargs makes false of --no-certificate.
    const path = args.certificate as string | false | undefined;
    const certificate = path === false ? null : await certify(verified, path).catch(unwritten);
    if (certificate !== null) process.stderr.write(`repro: certificate in ${certificate}\n`);
    if (args.json) printJson(outcomes, { ...counts, deviation, certificate });
    else printText(counts);
    return counts.failed > 0 || (counts.skipped > 0 && !args.allowSkipped) ? 1 : 0;
  },
});

/** What was found is printed even where it cannot be kept. */
function unwritten(error: NodeJS.ErrnoException): null {
  if (error.code === undefined || error.path === undefined) throw error;
  complain(
    `no certificate: cannot ${error.syscall} ${error.path} (${error.code}); choose another --certificate FILE.`,
  );
  return null;
}

/** Vectors of one model after the other, so that each is opened once. */
function byModel(files: readonly VectorFile[]): VectorFile[] {
  const model = ({ vector }: VectorFile) => (typeof vector === 'string' ? '' : vector.vector.model);
  return files.toSorted((a, b) => a.dir.localeCompare(b.dir) || model(a).localeCompare(model(b)));
}

async function verifyFile(
  { dir, vector }: VectorFile,
  models: VerifyModels,
  modelsDir: string | undefined,
): Promise<Outcome> {
  if (typeof vector === 'string') return { state: 'failed', reason: vector };
  const { verifyVector } = await import('../conformance/verify.js');
  const { monotonicClock } = await import('../measure/clock.js');
  try {
    const model = await models.get(modelsDir ?? join(dirname(join(dir, '.')), 'models'), vector.vector.model);
    return 'state' in model ? model : await verifyVector(vector, model, monotonicClock);
  } catch (error) {
    // Without a device no further vector can be tried; all else is this vector's failure.
    if (error instanceof EngineLostError) throw error;
    return { state: 'failed', reason: (error as Error).message };
  }
}

type Counts = Record<'passed' | 'failed' | 'skipped', number>;

function countsOf(outcomes: readonly FileOutcome[]): Counts & { methods: ({ method: string } & Counts)[] } {
  const count = (list: readonly FileOutcome[]): Counts => {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const { outcome } of list) counts[outcome.state] += 1;
    return counts;
  };
  const methods = [...new Set(outcomes.map(({ file }) => file.method))].sort();
  return {
    ...count(outcomes),
    methods: methods.map((method) => ({
      method,
      ...count(outcomes.filter(({ file }) => file.method === method)),
    })),
  };
}

function printJson(outcomes: readonly FileOutcome[], summary: object): void {
  const files = outcomes.map(({ file, outcome }) => {
    return { file: join(file.dir, file.name), method: file.method, ...outcome };
  });
  process.stdout.write(`${JSON.stringify({ ...summary, files })}\n`);
}

/** Counts per method, then the last line that scripts read. */
function printText({ methods, passed, failed, skipped }: ReturnType<typeof countsOf>): void {
  const width = Math.max(...methods.map(({ method }) => method.length));
  for (const row of methods) {
    process.stdout.write(
      `${row.method.padEnd(width)}  ${row.passed} passed, ${row.failed} failed, ${row.skipped} skipped\n`,
    );
  }
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
}
