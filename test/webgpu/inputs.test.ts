import { describe, expect, test } from 'vitest';
import type { AdaptivePlan, UniformPlan } from '../../src/engine/types.js';
import { adaptiveInputs, listedCounts, mandatoryRows } from '../../src/engine/webgpu/adaptive-inputs.js';
import { deviceFailure, isDeviceGone } from '../../src/engine/webgpu/failure.js';
import { readReport } from '../../src/engine/webgpu/read-report.js';
import { StoredRows } from '../../src/engine/webgpu/stored-rows.js';
import type { WeightRange } from '../../src/graph/builder.js';
import { splitRows } from '../../src/graph/device/split-weights.js';
import { plainSpec } from '../../src/graph/spec.js';

describe('rows that are stored on the device', () => {
  const pass = (rows: number[], store: number[] | 'all' | 'none'): UniformPlan => ({
    kind: 'uniform',
    rows: Int32Array.from(rows),
    store: Array.isArray(store) ? Int32Array.from(store) : store,
  });

  test('may be written in place while those that are not stored are computed again', () => {
    const stored = new StoredRows(4);
    expect(stored.admit(pass([0, 1, 2, 3], [0, 1]))).toBe('write');
    expect(stored.admit(pass([2, 3], 'none'))).toBe('write');
    expect(stored.admit(pass([2, 3], [2]))).toBe('write');
    expect(stored.admit(pass([3], 'all'))).toBe('write');
    expect(stored.admit(pass([1], 'all'))).toBe('write');
  });

  test('stay as they are in a pass that stores nothing', () => {
    const stored = new StoredRows(3);
    expect(stored.admit(pass([0, 1, 2], 'all'))).toBe('write');
    expect(stored.admit(pass([0, 1, 2], 'none'))).toBe('keep');
    expect(stored.admit(pass([2], 'none'))).toBe('keep');
    expect(stored.admit(pass([1], 'all'))).toBe('write');
  });

  test('are never read after they were overwritten, nor kept beside others that are stored', () => {
    const overwritten = new StoredRows(3);
    overwritten.admit(pass([0, 1, 2], [0]));
    expect(() => overwritten.admit(pass([1], 'all'))).toThrow(/row 2 was computed without being stored/);
    const mixed = new StoredRows(3);
    mixed.admit(pass([0, 1, 2], 'all'));
    expect(() => mixed.admit(pass([0, 1], [0]))).toThrow(/stores some rows and computes other stored ones/);
  });
});

describe('the inputs of a graph that chooses rows', () => {
  const plan: AdaptivePlan = {
    kind: 'adaptive',
    mandatory: Uint8Array.from([0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
    candidates: Uint8Array.of(1, 1, 0, 1),
    scope: Uint8Array.of(1, 1, 1, 0),
    budgets: Int32Array.of(0, 2, 0),
  };
  const family = {
    kind: 'adaptive',
    feature: 'layer-input',
    valueRows: 'selected',
    featureUpdate: 'all',
    storeRaw: false,
    guardEmpty: true,
  } as const;

  test('list the mandatory rows of every layer, and a stand-in where there is none', () => {
    const mandatory = mandatoryRows(plan);
    expect(mandatory.rows.map((rows) => [...rows])).toEqual([[1, 3], [], [0]]);
    expect(mandatory.filled).toEqual([true, true, false]);
    expect(listedCounts(mandatory, plan)).toEqual([2, 2, 1]);
    const feeds = adaptiveInputs(family, plan, mandatory);
    expect([...(feeds.mandatory!.data as Float32Array)]).toEqual([1, 3, 0, 0]);
    expect([...(feeds.filled!.data as Float32Array)]).toEqual([1, 1, 0]);
    const numbers = (name: string) =>
      [0, 1, 2].map((l) => Number((feeds[`${name}.${l}`]!.data as BigInt64Array)[0]));
    expect([numbers('budget'), numbers('from'), numbers('to')]).toEqual([
      [0, 2, 0],
      [0, 2, 2],
      [2, 2, 3],
    ]);
  });
});

describe('a report', () => {
  test('is cut up in the order of the graph, with probabilities in float64', () => {
    const spec = {
      ...plainSpec,
      shift: true,
      rows: {
        kind: 'adaptive',
        feature: 'none',
        valueRows: 'selected',
        featureUpdate: 'all',
        storeRaw: false,
        guardEmpty: false,
      },
    } as const;
    const report = Float32Array.of(5, 9, 1, 1, 0.5, 0.25, 1e-12, 1, 0.125, 0.75, 0.1, 0.2, 3, 1, 3, 2);
    const shape = { headRows: 2, wanted: 2, length: 4, layers: 2, streams: 1, listed: [3, 1] };
    const { best, p1, p2, shift, layerMeans, rows } = readReport(report, spec, shape);
    expect([...best]).toEqual([5, 9]);
    expect(p1[0]).toBeLessThan(1);
    expect(p1[0]).toBeGreaterThan(1 - 2e-12);
    expect(p1[1]).toBe(0.5);
    expect(p2[1]).toBe(0.125);
    expect([...shift!]).toEqual([0.125, 0.75]);
    expect([...layerMeans!].map((x) => x.toFixed(2))).toEqual(['0.10', '0.20']);
    expect(rows[0]!.map((layer) => [...layer])).toEqual([[1, 3], [2]]);
    expect(() => readReport(report.subarray(1), spec, shape)).toThrow(/a report of 15 numbers, expected 16/);
  });
});

describe('a weight that is larger than a buffer', () => {
  const range: WeightRange = {
    file: 'm.safetensors',
    dtype: 'BF16',
    shape: [10, 6],
    offset: 100,
    bytes: 120,
  };

  test('is cut into byte ranges of its file that fit and cover it', () => {
    expect(splitRows('head', range, 4, 240)).toEqual([{ name: 'head', range }]);
    const parts = splitRows('head', range, 4, 100);
    expect(parts.map(({ name }) => name)).toEqual(['head[0:4]', 'head[4:8]', 'head[8:10]']);
    expect(parts.map(({ range: part }) => [part.offset, part.bytes, part.shape])).toEqual([
      [100, 48, [4, 6]],
      [148, 48, [4, 6]],
      [196, 24, [2, 6]],
    ]);
  });
});

describe('failures of a device', () => {
  const start = '/src/webgpu_context.cc:136 Initialize(config) adapter_result was false. ';

  test.each([
    ['vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY', true, /memory does not suffice/],
    ['The size (2147483648) exceeds the max buffer size limit (1073741824)', true, /memory does not suffice/],
    ['WebGPU device lost (2): unknown', true, /the GPU was lost/],
    [
      `${start}Failed to get a WebGPU adapter: No supported adapters`,
      false,
      /^Failed to get a WebGPU adapter/,
    ],
  ])('%s', (message, gone, sentence) => {
    expect(isDeviceGone(new Error(message))).toBe(gone);
    expect(deviceFailure(new Error(message))).toMatch(sentence);
  });
});
