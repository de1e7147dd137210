import { describe, expect, test } from 'vitest';
import type { DecodeResult } from '../../../src/decoding/loop.js';
import type { ProbeTensors } from '../../../src/engine/types.js';
import { Figure2 } from '../../../src/experiments/figures/figure2.js';
import { Figure4 } from '../../../src/experiments/figures/figure4.js';
import { Figure5, keyToken } from '../../../src/experiments/figures/figure5.js';
import type { ObservedPass } from '../../../src/experiments/figures/observed-engine.js';
import { Reservoir } from '../../../src/experiments/figures/reservoir.js';
import { rowChanges } from '../../../src/experiments/figures/row-changes.js';
import type { ObservedSample } from '../../../src/experiments/figures/study.js';
import { WaitingTokens, waitOf } from '../../../src/experiments/figures/waiting-tokens.js';
import { Rng } from '../../../src/stats/rng.js';

const mask = 9;
/** Two prompt rows and two response rows, one layer. */
const sample: ObservedSample = {
  ...{ benchmark: 'hand', id: 's1', promptLength: 2, layers: 1, maskId: mask, genLength: 2 },
  predictsNext: false,
  text: (ids) => ids.join(' '),
};

function pass(
  step: number,
  tokens: readonly number[],
  predicted: readonly (readonly [row: number, id: number, p1: number])[],
  probe: { readonly [kind in keyof ProbeTensors]?: readonly number[] } = {},
): ObservedPass {
  const tensors = Object.entries(probe).map(([kind, data]) => [kind, [Float32Array.from(data)]]);
  return {
    step,
    tokens: Int32Array.from(tokens),
    headRows: Int32Array.from(predicted, ([row]) => row),
    result: {
      best: Int32Array.from(predicted, ([, id]) => id),
      p1: Float64Array.from(predicted, ([, , p1]) => p1),
      p2: new Float64Array(predicted.length),
      probe: Object.fromEntries(tensors),
    },
  };
}

function decoded(commits: readonly (readonly [step: number, position: number, id: number])[]): DecodeResult {
  const steps = commits.map(([step, position, id]) => {
    return { step, committed: [{ position, id, confidence: 1 }] };
  });
  const none = { layerRows: 0, valueOnlyRows: 0, headRows: 0, passes: 0, length: 0, layers: 0 };
  const timings = { prefillMs: 0, denoiseMs: 0 };
  return { tokens: new Int32Array(), steps, nfe: 0, nfeExecuted: 0, rows: none, rowsExecuted: none, timings };
}

test('rows change by 1 - cos: turned, turned back, longer, and zero', () => {
  const before = Float32Array.of(1, 0, 1, 0, 1, 0, 0, 0, 0, 0);
  const now = Float32Array.of(0, 2, -3, 0, 5, 0, 0, 0, 1, 1);
  const changes = rowChanges(now, before, 5);
  expect(changes[0]).toBeCloseTo(1, 12);
  expect(changes[1]).toBeCloseTo(2, 12);
  expect([...changes.subarray(2)]).toEqual([0, 0, 1]);
});

describe('a wait', () => {
  const at = (step: number, id: number, p1: number) => ({ step, id, p1, p2: 0 });

  test('counts right predictions below tau up to the first that reaches it', () => {
    const list = [at(4, 1, 0.3), at(5, 7, 0.4), at(6, 7, 0.5), at(7, 7, 0.9), at(8, 7, 0.2), at(9, 7, 1)];
    expect(waitOf(list, 7, 0.9)).toEqual({ from: 5, steps: 2 });
  });

  test('ends with the commit, and starts anew after another prediction', () => {
    expect(waitOf([at(0, 7, 0.1), at(1, 2, 0.1), at(2, 7, 0.1), at(3, 7, 0.2)], 7, 0.9)).toEqual({
      ...{ from: 2, steps: 1 },
    });
    expect(waitOf([at(0, 7, 0.95), at(1, 7, 0.1)], 7, 0.9).steps).toBe(0);
    expect(waitOf([at(0, 7, 0.1)], 7, 0.9).steps).toBe(0);
  });

  test('is found in the passes of a sample, with its timeline', () => {
    const study = new WaitingTokens(0.9);
    study.begin(sample);
    study.pass(
      pass(
        0,
        [1, 2, mask, mask],
        [
          [2, 5, 0.99],
          [3, 6, 0.4],
        ],
      ),
    );
    study.pass(pass(1, [1, 2, 5, mask], [[3, 6, 0.6]]));
    study.end(
      decoded([
        [0, 2, 5],
        [1, 3, 6],
      ]),
    );
    expect(study.histogram('h').rows).toEqual([
      { benchmark: 'hand', tau: 0.9, steps: 0, tokens: 1, share: 0.5 },
      { benchmark: 'hand', tau: 0.9, steps: 1, tokens: 1, share: 0.5 },
    ]);
    const { rows } = study.timeline('t');
    expect(rows.map((row) => [row.position, row.step, row.right, row.waits, row.confidence])).toEqual([
      [1, 0, 1, 1, 0.4],
      [1, 1, 1, 0, 0.6],
    ]);
  });
});

test('the key token is the unmasked position of the highest confidence', () => {
  const before = pass(
    0,
    [1, mask, mask, mask],
    [
      [1, 5, 0.5],
      [2, 5, 0.8],
      [3, 5, 0.9],
    ],
  );
  expect(keyToken(before, Int32Array.of(1, 5, 5, mask), sample)).toBe(2);
  expect(keyToken(before, Int32Array.of(1, mask, mask, mask), sample)).toBeUndefined();
  // Row j predicts position j + 1.
  expect(keyToken(before, Int32Array.of(1, mask, 5, 5), { ...sample, predictsNext: true })).toBe(3);
});

/** Row 2 turns by a right angle, row 3 by a little; the others stay. */
const still = [1, 0, 1, 0, 1, 0, 1, 0];
const turned = [1, 0, 1, 0, 0, 1, 1, 0.1];
const small = 1 - 1 / Math.hypot(1, 0.1);
const first = [1, 2, mask, mask];
const second = [1, 2, 5, mask];

test('Figure 2 counts similar and unlike rows by scope', () => {
  const study = new Figure2(0.9);
  study.begin(sample);
  study.pass(
    pass(
      0,
      first,
      [
        [2, 5, 1],
        [3, 6, 0.5],
      ],
      { input: still, attention: still },
    ),
  );
  study.pass(pass(1, second, [[3, 6, 1]], { input: turned, attention: still }));
  study.end(decoded([[0, 2, 5]]));
  const [table] = study.result().tables;
  const row = (feature: string, scope: string) =>
    table!.rows.find((r) => r.feature === feature && r.scope === scope)!;
  expect(table!.rows).toHaveLength(4);
  expect(row('layer-input', 'response')).toMatchObject({ layer: 0, step: 1, rows: 2 });
  expect(row('layer-input', 'response').similarity).toBeCloseTo((1 - small) / 2, 6);
  expect(row('layer-input', 'response')['share_below_0.99']).toBe(0.5);
  expect(row('layer-input', 'response')['share_below_0.999']).toBe(1);
  expect(row('layer-input', 'all')['share_below_0.9']).toBe(0.25);
  expect(row('attention-output', 'all')).toMatchObject({ similarity: 1, 'share_below_0.999': 0 });
});

test('Figure 4 correlates over rows, and sets the published figure beside the pooled one', () => {
  const published = [
    { metric: 'Spearman layer input vs key', value: '0.99', certainty: 'stated', source: 'paper' },
  ] as unknown as ConstructorParameters<typeof Figure4>[1];
  const study = new Figure4('1', published);
  study.begin(sample);
  const tensors = { input: still, key: still, value: still, attention: still, ffn: still };
  study.pass(pass(0, first, [], tensors));
  const opposite = [1, 0, 1, 0, 1, 0.1, 0, 1];
  study.pass(pass(1, second, [], { ...tensors, input: turned, key: turned, ffn: opposite }));
  study.end();
  const { rows } = study.result().tables[0]!;
  const find = (layer: string, scope: string, measure: string) =>
    rows.find((r) => r.layer === layer && r.scope === scope && r.measure === measure)!;
  expect(find('0', 'all', 'key').spearman).toBeCloseTo(1, 12);
  expect(find('0', 'response', 'ffn').spearman).toBeCloseTo(-1, 12);
  expect(find('0', 'all', 'value').spearman).toBeNaN();
  expect(find('all', 'all', 'key')).toMatchObject({
    kept: 4,
    published: 0.99,
    published_certainty: 'stated',
  });
  expect(find('all', 'all', 'value').published).toBeNull();
});

test('Figure 5 places rows by their distance from the key token', () => {
  const study = new Figure5();
  study.begin(sample);
  const weights = Array.from({ length: 16 }, (_, i) => i / 100);
  const tensors = { input: still, attention: still, 'attention-weights': weights };
  study.pass(pass(0, first, [[2, 5, 1]], tensors));
  study.pass(pass(1, second, [], { ...tensors, input: turned }));
  study.end();
  const { rows } = study.result().tables[0]!;
  const of = (measure: string) =>
    rows.filter((r) => r.measure === measure).map((r) => [r.distance, Number(r.mean)] as const);
  expect(of('layer-input-change').map(([distance]) => distance)).toEqual([-2, -1, 0, 1]);
  expect(of('layer-input-change')[2]![1]).toBeCloseTo(1, 6);
  expect(of('layer-input-change')[3]![1]).toBeCloseTo(small, 6);
  // Column 2 of the attention weights, row by row.
  expect(of('attention-to-key').map(([, mean]) => mean.toFixed(2))).toEqual(['0.02', '0.06', '0.10', '0.14']);
});

test('a reservoir keeps all while it can, then a fair sample with its numbers in step', () => {
  const reservoir = new Reservoir(2, 100, new Rng('r'));
  for (let i = 0; i < 100; i++) reservoir.add([i, -i]);
  expect(reservoir.column(0)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  for (let i = 100; i < 10_000; i++) reservoir.add([i, -i]);
  expect([reservoir.seen, reservoir.size]).toEqual([10_000, 100]);
  const kept = reservoir.column(0);
  expect(reservoir.column(1)).toEqual(kept.map((i) => -i));
  // The mean of a hundred of 0..9999 lies within 5 standard errors (289 each) of 4999.5.
  expect(Math.abs(kept.reduce((a, b) => a + b, 0) / 100 - 4999.5)).toBeLessThan(1450);
});
