import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parseVector, type Vector } from '../../src/conformance/vector.js';
import { type VerifyModel, vectorMethod, verifyVector } from '../../src/conformance/verify.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { fixtureModels } from '../oracle/checkpoints.js';
import { noSoftwareAdapter, openSoftwareEngine } from './software-gpu.js';

const folder = fileURLToPath(new URL('../fixtures/conformance/public/', import.meta.url));

async function load(file: string): Promise<Vector> {
  const vector = parseVector(await readFile(join(folder, file), 'utf8'));
  if (typeof vector === 'string') throw new Error(`${file}: ${vector}`);
  return vector;
}

/** Passes of a vector's run, about. */
function passes(vector: Vector): number {
  return vector.kind === 'logits-full' ? vector.vector.inputs.length : vector.vector.nfe;
}

/** Of every method the vector that takes the fewest passes; by model, so that each is opened once. */
async function shortest(): Promise<{ file: string; method: string; model: string; passes: number }[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const best = new Map<string, { file: string; method: string; model: string; passes: number }>();
  for (const file of files) {
    const vector = await load(file);
    const method = vectorMethod(vector);
    const known = best.get(method);
    if (known !== undefined && known.passes <= passes(vector)) continue;
    best.set(method, { file, method, model: vector.vector.model, passes: passes(vector) });
  }
  return [...best.values()].sort((a, b) => a.model.localeCompare(b.model));
}

/** Those of the fewest passes: an adapter in software takes seconds for the others. `repro verify` runs all. */
const quickest = 14;

describe.skipIf(noSoftwareAdapter)('the shortest recorded run of every method on WebGPU', async () => {
  let open: { name: string; model: VerifyModel } | undefined;
  afterAll(() => open?.model.engine.close());

  async function modelOf(name: string): Promise<VerifyModel> {
    if (open?.name !== name) {
      await open?.model.engine.close();
      const dir = join(fixtureModels, name);
      const { dimensions } = await openCheckpoint(dir);
      open = { name, model: { engine: await openSoftwareEngine(dir), dimensions } };
    }
    return open.model;
  }

  const chosen = await shortest();

  test('one of each method', () => {
    expect(chosen.length).toBeGreaterThanOrEqual(26);
  });

  const run = chosen.toSorted((a, b) => a.passes - b.passes).slice(0, quickest);
  test.each(run.sort((a, b) => a.model.localeCompare(b.model)))('$method: $file', async ({ file, model }) => {
    const outcome = await verifyVector(await load(file), await modelOf(model), () => 0);
    expect(outcome).toMatchObject({ state: 'passed' });
  });
});
