import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AdaptivePlan, RowPlan, StepEngine } from '../../src/engine/types.js';
import { plainSpec, type RowFamily, type StepGraphSpec } from '../../src/graph/spec.js';
import { fixtureModels, temporaryFolder } from '../oracle/checkpoints.js';
import { noSoftwareAdapter, openSoftwareEngine } from './software-gpu.js';

const length = 12;
const all = Int32Array.from({ length }, (_, i) => i);

const paper = { kind: 'adaptive', valueRows: 'selected', storeRaw: false, guardEmpty: false } as const;
const released = { ...paper, valueRows: 'listed', featureUpdate: 'all' } as const;
const families: readonly [string, RowFamily][] = [
  ['uniform', { kind: 'uniform' }],
  ['layer input, all', { ...paper, feature: 'layer-input', featureUpdate: 'all' }],
  ['layer input, selected', { ...paper, feature: 'layer-input', featureUpdate: 'selected' }],
  ['value', { ...released, feature: 'value' }],
  ['raw input', { ...released, feature: 'layer-input', storeRaw: true }],
  ['no feature', { ...paper, feature: 'none', featureUpdate: 'all' }],
];
const parts: readonly [string, Partial<StepGraphSpec>][] = [
  ['nothing more', {}],
  ['all parts', { shift: true, entropy: true, sampling: true, nucleus: true, tokenBias: true, logits: true }],
  ['guidance and distances', { guidance: true, distances: true }],
  ['kept guidance', { residualGuidance: true, shift: true }],
];

/** A plan with some rows; without any in one layer, if there is a guard to be tried. */
function plan(rows: RowFamily, empty: boolean, layers: number): RowPlan {
  if (rows.kind === 'uniform') return { kind: 'uniform', rows: all, store: 'all' };
  const mandatory = new Uint8Array(layers * length);
  if (!empty) mandatory[3] = 1;
  const adaptive: AdaptivePlan = {
    kind: 'adaptive',
    mandatory,
    candidates: new Uint8Array(length).fill(1),
    scope: new Uint8Array(length).fill(1),
    budgets: new Int32Array(layers).fill(2, empty ? 1 : 0),
  };
  return rows.valueRows === 'listed' ? { ...adaptive, valueRows: { first: all, others: all } } : adaptive;
}

async function onePass(engine: StepEngine, spec: StepGraphSpec, empty: boolean): Promise<void> {
  await engine.begin({ spec, length });
  const tokens = new Int32Array(length).fill(7);
  const rows = plan(spec.rows, empty, engine.layers);
  const guided = spec.guidance || spec.residualGuidance;
  await engine.step({
    ...{ tokens, headRows: Int32Array.of(2, 5), plan: rows, pass: 0 },
    ...(guided ? { unconditionalTokens: tokens } : {}),
    ...(spec.residualGuidance ? { unconditionalPlan: rows } : {}),
  });
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly args: { readonly op_name?: string; readonly provider?: string };
}

/** `operator@provider` of every node that the sessions of a folder ran. */
async function placements(dir: string): Promise<string[]> {
  const found = new Set<string>();
  for (const file of await readdir(dir)) {
    const events = JSON.parse(await readFile(join(dir, file), 'utf8')) as TraceEvent[];
    for (const { cat, name, args } of events) {
      if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
      found.add(`${args.op_name}@${args.provider}`);
    }
  }
  return [...found].sort();
}

describe.skipIf(noSoftwareAdapter)('no node of a step graph leaves the GPU', () => {
  test.each([
    ['as the adapter is', undefined],
    ['with small buffers', 12_000],
  ] as const)('%s', async (_name, bindingBytes) => {
    await using folder = await disposableFolder();
    const options = { profileDir: folder.path, ...(bindingBytes === undefined ? {} : { bindingBytes }) };
    const engine = await openSoftwareEngine(join(fixtureModels, 'tiny-llada-a'), options);
    for (const [, rows] of families) {
      for (const [, more] of parts) {
        const distances = more.distances === true && rows.kind === 'adaptive';
        await onePass(engine, { ...plainSpec, ...more, distances, rows }, false);
      }
      if (rows.kind === 'adaptive') await onePass(engine, { ...plainSpec, rows }, true);
    }
    await engine.close();
    const places = await placements(folder.path);
    expect(places.length).toBeGreaterThan(25);
    expect(places.filter((place) => !place.endsWith('@WebGpuExecutionProvider'))).toEqual([]);
    // Copies between host and device inside a graph would be waits inside a pass.
    expect(places.filter((place) => place.startsWith('Memcpy'))).toEqual([]);
  });
});

async function disposableFolder(): Promise<{ path: string } & AsyncDisposable> {
  const { path, remove } = await temporaryFolder();
  return { path, [Symbol.asyncDispose]: remove };
}
