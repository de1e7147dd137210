import { describe, expect, test } from 'vitest';
import { predictions, rule, same, sample, view } from './helpers.js';

describe("the model's schedule", () => {
  const schedule = rule({ rule: 'model' });
  test('takes the most confident of the block, lower positions first among equals', () => {
    const p = predictions([0.5, 0.7, 0.7, 0.2, 0.99]);
    expect(schedule.select(p, view()).chosen).toEqual([1, 2]);
    expect(schedule.select(predictions([0.4, 0.4, 0.4, 0.4]), view()).chosen).toEqual([0, 1]);
  });

  test('follows the quota from pass to pass and takes nothing where it is 0', () => {
    const p = predictions([0.1, 0.2, 0.3]);
    const counts = [0, 1, 2, 3, 4].map(
      (passInBlock) =>
        schedule.select(p, view({ passInBlock, stepsPerBlock: 4, masksAtStart: 3 })).chosen.length,
    );
    expect(counts).toEqual([1, 1, 1, 0, 0]);
  });

  test('keeps holes before the block eligible', () => {
    const block = { start: 12, end: 14 };
    expect(schedule.select(predictions([0.9, 0.1, 0.8, 0.7]), view({ block })).chosen).toEqual([0, 2]);
  });
});

describe('threshold', () => {
  test('accepts equality and always the best one', () => {
    const threshold = rule({ rule: 'threshold', tau: 0.9 });
    const chosen = (confidence: number[]) =>
      [...threshold.select(predictions(confidence), view()).chosen].sort();
    expect(chosen([0.9, 0.8999999, 0.95, 0.1])).toEqual([0, 2]);
    expect(chosen([0.3, 0.5, 0.5, 0.1])).toEqual([1]);
    expect(chosen([0, 0, 0, 0])).toEqual([0]);
    expect(chosen([0.1, 0.2, 0.3, 0.4, 1])).toEqual([3]);
  });

  test('reports its threshold and takes nothing of an empty block', () => {
    const threshold = rule({ rule: 'threshold', tau: 0.4 });
    expect(threshold.select(predictions([]), view())).toEqual({ chosen: [], threshold: 0.4 });
  });
});

describe('factor', () => {
  const count = (confidence: number[], options: Record<string, unknown> = {}) =>
    rule({ rule: 'factor', factor: 1, ...options }).select(
      predictions(confidence),
      view({ block: { start: 10, end: 20 } }),
    ).chosen.length;

  test('accepts the longest run of (n + 1)(1 - c_n) < f, and one more only as the later code does', () => {
    expect(count([0.99, 0.97, 0.9, 0.6])).toBe(3);
    expect(count([0.99, 0.97, 0.9, 0.6], { offByOne: true })).toBe(4);
    expect(count([0.99, 0.97, 0.9, 0.6, 0.5])).toBe(3);
    expect(count([0.99, 0.97, 0.9, 0.6, 0.5], { offByOne: true })).toBe(3);
  });

  test('accepts at least one, everything where nothing stops it, and ranks by confidence', () => {
    expect(count([0.01, 0.005, 0.001])).toBe(1);
    expect(count([0.01])).toBe(1);
    expect(count([])).toBe(0);
    expect(count([0.99, 0.99, 0.99])).toBe(3);
    const { chosen } = rule({ rule: 'factor' }).select(predictions([0.6, 0.99, 0.9, 0.97]), view());
    expect(chosen).toEqual([1, 3, 2]);
  });

  test('a smaller factor accepts fewer', () => {
    expect([2, 1, 0.25, 0.05].map((factor) => count([0.99, 0.97, 0.9, 0.6], { factor }))).toEqual([
      4, 3, 2, 1,
    ]);
  });
});

describe('a random order', () => {
  const block = { start: 10, end: 16 };
  const tokens = new Int32Array(20).fill(1);
  const at = (passInBlock: number, more = {}) =>
    view({ block, tokens, passInBlock, stepsPerBlock: 4, masksAtStart: 6, ...more });
  const order = (seed: string, more = {}) => {
    const made = rule({ rule: 'random-order' });
    made.begin({ seed });
    return [0, 1, 2, 3, 4].map((i) => [...made.scheduled!(at(i, more), i)]);
  };

  test('is drawn once for the block and follows the quota', () => {
    const passes = order('a');
    expect(passes.map(({ length }) => length)).toEqual([2, 2, 1, 1, 0]);
    expect(passes.flat().sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14, 15]);
    expect(order('a')).toEqual(passes);
    expect(order('b')).not.toEqual(passes);
  });

  test('unmasks what it announced, whatever the confidence', () => {
    const made = rule({ rule: 'random-order' });
    const p = predictions([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
    const announced = [...made.scheduled!(at(0), 0)].sort();
    const chosen = made.select(p, at(0)).chosen.map((i) => p.positions[i]!);
    expect(chosen.sort()).toEqual(announced);
  });

  test('leaves out what is known when the block begins, and draws anew for the next one', () => {
    const half = tokens.slice();
    half[12] = 7;
    const made = rule({ rule: 'random-order' });
    const first = at(0, { tokens: half, masksAtStart: 5, stepsPerBlock: 1 });
    expect([...made.scheduled!(first, 0)].sort()).toEqual([10, 11, 13, 14, 15]);
    const next = at(0, { block: { start: 16, end: 20 }, masksAtStart: 4, stepsPerBlock: 1 });
    expect([...made.scheduled!(next, 0)].sort()).toEqual([16, 17, 18, 19]);
  });

  test('takes a recorded order where one is given', () => {
    const made = rule({ rule: 'random-order' });
    made.begin({
      seed: 'a',
      decodeOrder: [
        [15, 10, 14, 11, 13, 12],
        [19, 18, 17, 16],
      ],
    });
    expect([0, 1, 2].map((i) => [...made.scheduled!(at(i), i)])).toEqual([[15, 10], [14, 11], [13]]);
    const next = at(0, { block: { start: 16, end: 20 }, masksAtStart: 4 });
    expect([...made.scheduled!(next, 0)]).toEqual([19]);
  });
});

describe('apd of the paper', () => {
  const options = { rule: 'apd', tau0: 0.8, alpha: 0.1, beta: 0.2 };

  test('moves thresholds per position from the third pass on, later blocks included', () => {
    const apd = rule(options);
    const p2 = same([0.1, 0.1, 0.1, 0.1, 0.4]);
    const shift = same([0, 1, 0, 0, 0]);
    // One update: tau = 0.8 - 0.1 * (1 - p2) + 0.2 * H.
    const confidence = [0.72, 0.9, 0.7, 0.705, 0.75];
    const at = (pass: number) => apd.select(predictions(confidence, { p2, shift }), view({ pass })).chosen;
    expect(at(0)).toEqual([1]);
    expect(at(1)).toEqual([1]);
    // tau is now 0.71, 0.91, 0.71, 0.71, and 0.74 in the next block; position 11 is taken as the best one only.
    expect(at(2)).toEqual([1, 0]);
    const next = view({ pass: 3, block: { start: 14, end: 18 } });
    const later = predictions([0.69, 0.685], { p2: same([0.4, 0.4]), shift: same([0, 0]) });
    // Position 14 had one update at pass 2 and has its second here (0.68), position 15 its first (0.74).
    const positions = Int32Array.of(14, 15);
    expect(apd.select({ ...later, positions }, next).chosen).toEqual([0]);
    expect(apd.select({ ...later, positions, confidence: same([0.69, 0.68]) }, next).chosen).toEqual([0, 1]);
  });

  test('may start with the second pass', () => {
    const apd = rule({ ...options, adaptFrom: 1 });
    const p = predictions([0.9, 0.72], { p2: same([0, 0]), shift: same([0, 0]) });
    expect(apd.select(p, view({ pass: 0 })).chosen).toEqual([0]);
    expect(apd.select(p, view({ pass: 1 })).chosen).toEqual([0, 1]);
  });

  test('counts a row that the pass before left out as stable', () => {
    const apd = rule(options);
    const p = predictions([0.9, 0.72], { p2: same([0, 0]), shift: same([Number.NaN, Number.NaN]) });
    expect(apd.select(p, view({ pass: 2 })).chosen).toEqual([0, 1]);
  });

  test('begins every sample at tau0', () => {
    const apd = rule(options);
    const p = predictions([0.9, 0.72], { p2: same([0, 0]), shift: same([0, 0]) });
    for (const pass of [0, 1, 2, 3]) apd.select(p, view({ pass }));
    expect(apd.select(p, view({ pass: 4 })).chosen).toEqual([0, 1]);
    apd.begin(sample);
    expect(apd.select(p, view({ pass: 1 })).chosen).toEqual([0]);
  });
});

describe('the thresholds of tokens', () => {
  const weights = { tau0: 0.8, alpha: 0.1, beta: 0.2 };
  const p = predictions([0.5, 0.9, 0.5, 0.5, 0.5], {
    p2: same([0, 0.5, 0, 0, 0]),
    shift: same([0, 0.5, 0, 0, 0]),
  });
  const asked = (options: Record<string, unknown>) => {
    const made = rule({ ...weights, ...options });
    made.begin({ ...sample, thresholds: true });
    const passes = [0, 1, 2].map((pass) => made.select(p, view({ pass })).thresholds!);
    for (const { positions } of passes) expect([...positions]).toEqual([10, 11, 12, 13]);
    return passes.map(({ taus }) => [...taus].map((tau) => Number(tau.toFixed(6))));
  };

  test('are those of the eligible positions, as they were compared with', () => {
    expect(asked({ rule: 'apd' })).toEqual([
      [0.8, 0.8, 0.8, 0.8],
      [0.8, 0.8, 0.8, 0.8],
      [0.7, 0.85, 0.7, 0.7],
    ]);
    expect(asked({ rule: 'apd-released', mode: 2 })).toEqual([
      [0.8, 0.8, 0.8, 0.8],
      [0.7, 0.85, 0.7, 0.7],
      [0.6, 0.9, 0.6, 0.6],
    ]);
    // One for all: means over the block are c 0.875 and H 0.125.
    expect(asked({ rule: 'apd-released', mode: 1 })).toEqual([
      [0.8, 0.8, 0.8, 0.8],
      [0.7375, 0.7375, 0.7375, 0.7375],
      [0.675, 0.675, 0.675, 0.675],
    ]);
  });

  test('are not collected for a sample that does not ask', () => {
    for (const options of [{ rule: 'apd' }, { rule: 'apd-released', mode: 2 }]) {
      const made = rule({ ...weights, ...options });
      made.begin({ ...sample, thresholds: true });
      made.begin(sample);
      expect(made.select(p, view({ pass: 2 }))).not.toHaveProperty('thresholds');
    }
  });
});

describe('apd of the released code', () => {
  const options = { rule: 'apd-released', tau0: 0.8, alpha: 0.1, beta: 0.2 };
  const p2 = same([0.2, 0.4, 0.2, 0.2, 1]);
  const shift = same([0, 0.4, 0, 0, 1]);

  test('mode 0 is a fixed threshold', () => {
    const fixed = rule({ ...options, mode: 0 });
    expect([fixed.needsShift, fixed.headRows]).toEqual([false, 'eligible']);
    const p = predictions([0.8, 0.79, 0.9, 0.1]);
    for (const pass of [0, 1, 2]) {
      expect(fixed.select(p, view({ pass }))).toEqual({ chosen: [2, 0], threshold: 0.8 });
    }
  });

  test('mode 1 moves one threshold by the means over the block from the second pass on', () => {
    const scalar = rule({ ...options, mode: 1 });
    const p = predictions([0.77, 0.7, 0.9, 0.1, 0.99], { p2, shift });
    expect(scalar.select(p, view({ pass: 0 }))).toEqual({ chosen: [2], threshold: 0.8 });
    // Means over the four rows of the block: c 0.75, H 0.1; the fifth row would change both.
    const moved = scalar.select(p, view({ pass: 1 }));
    expect(moved.threshold).toBeCloseTo(0.8 - 0.1 * 0.75 + 0.2 * 0.1, 12);
    expect(moved.chosen).toEqual([2, 0]);
    // Never reset at a block's start, never clamped.
    const down = predictions([0.5], { p2: same([0]), shift: same([0]) });
    let last = moved.threshold!;
    for (let pass = 2; pass < 12; pass++) {
      last = scalar.select(down, view({ pass, passInBlock: 0 })).threshold!;
    }
    expect(last).toBeCloseTo(0.745 - 1, 12);
  });

  test('mode 2 moves a threshold per position from the second pass on', () => {
    const perToken = rule({ ...options, mode: 2 });
    const p = predictions([0.73, 0.81, 0.9, 0.71], { p2: p2.slice(0, 4), shift: shift.slice(0, 4) });
    expect(perToken.select(p, view({ pass: 0 }))).toEqual({ chosen: [2, 1] });
    // tau = 0.72, 0.82, 0.72, 0.72.
    expect(perToken.select(p, view({ pass: 1 }))).toEqual({ chosen: [2, 0] });
  });

  test('begins every sample at tau0', () => {
    for (const mode of [1, 2]) {
      const adaptive = rule({ ...options, mode });
      const p = predictions([0.9, 0.75], { p2: same([0, 0]), shift: same([0, 0]) });
      for (const pass of [0, 1]) adaptive.select(p, view({ pass }));
      expect(adaptive.select(p, view({ pass: 2 })).chosen).toEqual([0, 1]);
      adaptive.begin(sample);
      expect(adaptive.select(p, view({ pass: 0 })).chosen).toEqual([0]);
    }
  });
});
