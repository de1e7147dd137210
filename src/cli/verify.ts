import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Outcome, VerifyModel } from '../conformance/verify.js';
import type { Device } from '../engine/device.js';
import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';
import { deviceFlag, resolveDevice } from './device-flag.js';

interface FileOutcome {
  readonly file: string;
  readonly method: string;
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
      .option('allow-skipped', {
        type: 'boolean',
        default: false,
        describe: 'Do not fail for methods that are not built',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one JSON object instead of text' })
      .example('repro verify conformance/public --allow-skipped', 'check every vector of a folder'),
  handler: async (args) => {
    const dirs = args.dirs ?? [];
    if (dirs.length === 0) {
      throw new UsageError('VERIFY_NO_DIR', 'verify needs a folder of vectors: type "repro verify DIR".');
    }
    const { device } = await resolveDevice(args.device);
    const outcomes: FileOutcome[] = [];
    for (const dir of dirs) {
      const models = new Models(args.models ?? join(dirname(join(dir, '.')), 'models'), device);
      try {
        for (const file of await vectorFiles(dir)) {
          const outcome = await verifyFile(join(dir, file), models);
          if (outcome.outcome.state === 'failed' && !args.json) {
            process.stderr.write(`${join(dir, file)}: ${outcome.outcome.reason}\n`);
          }
          outcomes.push(outcome);
        }
      } finally {
        await models.close();
      }
    }
    return print(outcomes, args.json, args.allowSkipped);
  },
});

async function vectorFiles(dir: string): Promise<string[]> {
  const info = await stat(dir).catch(() => undefined);
  if (info === undefined || !info.isDirectory()) {
    throw new UsageError(
      'VERIFY_NO_DIR',
      `${dir} is not a folder; type "repro verify DIR" with the folder of the vectors.`,
    );
  }
  const files = (await readdir(dir)).filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) {
    throw new UsageError(
      'VERIFY_EMPTY',
      `${dir} holds no .json file; give the folder that holds the vectors themselves.`,
    );
  }
  return files;
}

async function verifyFile(path: string, models: Models): Promise<FileOutcome> {
  const { parseVector } = await import('../conformance/vector.js');
  const { vectorMethod, verifyVector } = await import('../conformance/verify.js');
  const { monotonicClock } = await import('../measure/clock.js');
  const vector = parseVector(await readFile(path, 'utf8'));
  if (typeof vector === 'string') {
    return { file: path, method: 'unreadable', outcome: { state: 'failed', reason: vector } };
  }
  const method = vectorMethod(vector);
  try {
    const model = await models.get(vector.vector.model);
    if ('state' in model) return { file: path, method, outcome: model };
    return { file: path, method, outcome: await verifyVector(vector, model, monotonicClock) };
  } catch (error) {
    return { file: path, method, outcome: { state: 'failed', reason: (error as Error).message } };
  }
}

/** Engines by model name; one is open at a time. */
class Models {
  readonly #dir: string;
  readonly #device: Device;
  #open: { name: string; model: VerifyModel } | undefined;

  constructor(dir: string, device: Device) {
    this.#dir = dir;
    this.#device = device;
  }

  /** The model, or why its vectors are skipped. @throws UsageError for a missing or damaged model. */
  async get(name: string): Promise<VerifyModel | Outcome> {
    if (this.#open?.name === name) return this.#open.model;
    await this.close();
    const { openCheckpoint } = await import('../models/checkpoint.js');
    const { openEngine } = await import('../engine/open.js');
    try {
      const checkpoint = await openCheckpoint(join(this.#dir, name));
      const engine = await openEngine(checkpoint, { device: this.#device, threads: 1 });
      this.#open = { name, model: { engine, dimensions: checkpoint.dimensions } };
      return this.#open.model;
    } catch (error) {
      if (error instanceof UsageError && error.code === 'MODEL_FAMILY_UNSUPPORTED') {
        return { state: 'skipped', reason: error.message };
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#open?.model.engine.close();
    this.#open = undefined;
  }
}

/** Counts per method, then the last line that scripts read. Exit code 1 unless all passed. */
function print(outcomes: readonly FileOutcome[], json: boolean, allowSkipped: boolean): number {
  const states = ['passed', 'failed', 'skipped'] as const;
  const count = (list: readonly FileOutcome[]) =>
    Object.fromEntries(
      states.map((state) => [state, list.filter(({ outcome }) => outcome.state === state).length]),
    ) as Record<(typeof states)[number], number>;
  const methods = [...new Set(outcomes.map(({ method }) => method))].sort();
  const byMethod = methods.map((method) => ({
    method,
    ...count(outcomes.filter((o) => o.method === method)),
  }));
  const total = count(outcomes);
  if (json) {
    const files = outcomes.map(({ file, method, outcome }) => ({ file, method, ...outcome }));
    process.stdout.write(`${JSON.stringify({ ...total, methods: byMethod, files })}\n`);
  } else {
    const width = Math.max(...methods.map((method) => method.length));
    for (const { method, passed, failed, skipped } of byMethod) {
      process.stdout.write(
        `${method.padEnd(width)}  ${passed} passed, ${failed} failed, ${skipped} skipped\n`,
      );
    }
    process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  }
  return total.failed > 0 || (total.skipped > 0 && !allowSkipped) ? 1 : 0;
}
