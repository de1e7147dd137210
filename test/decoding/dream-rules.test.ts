import { describe, expect, test } from 'vitest';
import type { RuleContext } from '../../src/decoding/rules/registry.js';
import { dreamOptions } from '../../src/decoding/settings.js';
import { timesteps, transferCount, transferShare } from '../../src/decoding/timesteps.js';
import { predictions, rule, same, sample, view } from './helpers.js';

/** Tokens that every pass of a whole-sequence schedule transfers. */
function schedule(genLength: number, steps: number): number[] {
  const times = timesteps(steps, 1e-3);
  let masks = genLength;
  return Array.from({ length: steps }, (_, i) => {
    const count = i === steps - 1 ? masks : transferCount(masks, transferShare(times, i));
    masks -= count;
    return count;
  });
}

const repeated = (value: number, times: number) => new Array<number>(times).fill(value);

describe('timesteps', () => {
  test('run from 1 to eps in float32', () => {
    const times = timesteps(4, 1e-3);
    expect(times).toHaveLength(5);
    expect([times[0], times[4]]).toEqual([1, Math.fround(1e-3)]);
    expect(times.every((t) => t === Math.fround(t))).toBe(true);
    for (const [i, t] of [1, 0.75025, 0.5005, 0.25075, 0.001].entries()) expect(times[i]).toBeCloseTo(t, 6);
  });

  test.each([256, 512, 768])('%i steps for as many tokens: none, then one each, two at the end', (length) => {
    expect(schedule(length, length)).toEqual([0, ...repeated(1, length - 2), 2]);
  });

  test('1024 steps for 1024 tokens begin with two empty ones and end with three tokens', () => {
    expect(schedule(1024, 1024)).toEqual([0, 0, ...repeated(1, 1021), 3]);
  });

  test.each([
    [256, 128, [1, ...repeated(2, 126), 3]],
    [256, 64, [3, ...repeated(4, 62), 5]],
  ])('%i tokens in %i steps', (length, steps, expected) => {
    expect(schedule(length, steps)).toEqual(expected);
  });
});

function context(cache: RuleContext['cache'], dream: Record<string, unknown> = {}): RuleContext {
  return { family: 'dream', cache, dream: dreamOptions.parse(dream) };
}

describe("Dream's own sampler", () => {
  const p = predictions([0.9, 0.8, 0.7, 0.6], {
    p2: same([0.15, 0.02, 0.29, 0.3]),
    entropy: same([-0.5, -0.6, -0.1, -0.9]),
  });
  // Share of the second of four passes: a third of four masks, truncated to one.
  const second = view({ passInBlock: 1, stepsPerBlock: 4 });
  const model = (dream: Record<string, unknown>) => rule({ rule: 'model' }, context('none', dream));

  test.each([
    ['maskgit-plus', 0],
    ['topk-margin', 1],
    ['entropy', 2],
  ])('%s has a ranking of its own', (alg, first) => {
    expect(model({ alg }).select(p, second).chosen).toEqual([first]);
  });

  test('asks for entropies only where it ranks by them, and for no blocks', () => {
    expect(model({ alg: 'entropy' })).toMatchObject({ needsEntropy: true, wholeSequence: true });
    expect(model({ alg: 'maskgit-plus' })).toMatchObject({ needsEntropy: false, headRows: 'masked' });
  });

  test('transfers everything at the last pass', () => {
    for (const alg of ['entropy', 'origin']) {
      expect(model({ alg }).select(p, view({ passInBlock: 3, stepsPerBlock: 4 })).chosen).toEqual([
        0, 1, 2, 3,
      ]);
    }
  });

  test('with algTemp the choice is drawn from softmax(score / algTemp)', () => {
    const drawn = model({ alg: 'maskgit-plus', algTemp: 0.5 });
    // A third of four masks is one; the four scores are two pairs.
    const four = predictions([0.9, 0.9, 0.5, 0.5]);
    const runs = 2000;
    let high = 0;
    for (let i = 0; i < runs; i++) {
      drawn.begin({ seed: `${i}` });
      const { chosen } = drawn.select(four, second);
      expect(chosen).toHaveLength(1);
      if (chosen[0]! < 2) high += 1;
    }
    // exp(0.9 / 0.5) to exp(0.5 / 0.5): odds of e^0.8, probability 0.690, standard deviation 0.0103.
    const odds = Math.exp(0.8);
    expect(Math.abs(high / runs - odds / (1 + odds))).toBeLessThan(0.05);
  });

  test('origin transfers each mask with the probability of the share, or by recorded draws', () => {
    const origin = model({ alg: 'origin' });
    const many = predictions(repeated(0.5, 200));
    let count = 0;
    for (let i = 0; i < 40; i++) {
      origin.begin({ seed: `${i}` });
      count += origin.select(many, second).chosen.length;
    }
    // Share 0.3329 of 8000: mean 2663, standard deviation 42.
    expect(Math.abs(count - 2663)).toBeLessThan(5 * 42);
    origin.begin({ ...sample, draws: [[0.1, 0.9, 0.33, 0.34]] });
    expect(origin.select(p, second).chosen).toEqual([0, 2]);
  });
});

describe("Fast-dLLM's sampler for Dream without a cache", () => {
  const make = () => rule({ rule: 'threshold', tau: 0.8 }, context('none'));
  const at = (passInBlock: number) => view({ passInBlock, stepsPerBlock: 4, masksAtStart: 8 });

  test('looks at its budget, keeps the best and carries over what it held back', () => {
    const threshold = make();
    const first = predictions([0.5, 0.7, 0.9, 0.85, 0.95, 0.1, 0.1, 0.1]);
    // Budget 2: positions 4 and 2 reach tau; 0.85 would, but is not looked at.
    expect(threshold.select(first, at(0))).toEqual({ chosen: [4, 2], threshold: 0.8 });
    // Budget 2: the best one, below tau, and one held back.
    expect(threshold.select(predictions([0.5, 0.7, 0.6]), at(1)).chosen).toEqual([1]);
    // Budget 3, all of them above tau; a fourth is not looked at.
    expect(threshold.select(predictions([0.9, 0.81, 0.82, 0.83]), at(2)).chosen).toEqual([0, 3, 2]);
    expect(threshold.select(predictions([0.9, 0.2, 0.3]), at(3)).chosen).toEqual([0]);
    // After the last step only the one held back is left.
    expect(threshold.select(predictions([0.2, 0.3]), at(4)).chosen).toEqual([1]);
    expect(threshold.select(predictions([0.9]), at(5)).chosen).toEqual([]);
  });

  test('with tokensPerStep the number of steps does not matter', () => {
    const given = rule({ rule: 'threshold', tau: 0.8, tokensPerStep: 2 }, context('none'));
    const byStep = make();
    const confidences = [
      [0.5, 0.7, 0.9, 0.85, 0.95, 0.1, 0.1, 0.1],
      [0.5, 0.7, 0.6, 0.3, 0.2, 0.1],
      [0.9, 0.81, 0.82, 0.83, 0.1],
      [0.9, 0.2],
      [0.2],
    ];
    for (const [pass, values] of confidences.entries()) {
      const eightSteps = view({ passInBlock: pass, stepsPerBlock: 8, masksAtStart: 8 });
      expect(given.select(predictions(values), eightSteps)).toEqual(
        byStep.select(predictions(values), at(pass)),
      );
    }
  });

  test('forgets what it held back when a sample begins', () => {
    const threshold = make();
    threshold.select(predictions([0.1, 0.1]), at(0));
    threshold.begin(sample);
    expect(threshold.select(predictions([0.9, 0.9, 0.9, 0.9]), at(1)).chosen).toEqual([0, 1]);
  });
});

describe("Fast-dLLM's block sampler for Dream", () => {
  const block = { start: 10, end: 18 };
  const at = (passInBlock: number) => view({ block, passInBlock, stepsPerBlock: 4, masksAtStart: 8 });
  const entropy = same([-0.9, -0.8, -0.7, -0.6, -0.5, -0.4, -0.3, -0.2]);
  const p = predictions([0.1, 0.99, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95], { entropy });

  test.each([
    'prefix',
    'dual',
  ] as const)('%s: block start reveals the first token alone, unasked', (cache) => {
    for (const options of [{ rule: 'model' }, { rule: 'threshold', tau: 0.9 }]) {
      expect(rule(options, context(cache)).select(p, at(0))).toEqual({ chosen: [0] });
    }
  });

  test('then the threshold, and always the best', () => {
    const threshold = rule({ rule: 'threshold', tau: 0.9 }, context('dual'));
    expect(threshold.fixedSchedule).toBe(false);
    expect(threshold.select(p, at(1))).toEqual({ chosen: [1, 7, 6], threshold: 0.9 });
    expect(threshold.select(predictions([0.2, 0.3]), at(2)).chosen).toEqual([1]);
  });

  test("or the block's own timesteps from the second on, by entropy whatever alg says", () => {
    const model = rule({ rule: 'model' }, context('prefix', { alg: 'maskgit-plus' }));
    expect(model).toMatchObject({ needsEntropy: true, fixedSchedule: true });
    const rest = (from: number) => {
      const { positions, ids, confidence, p1, p2 } = p;
      return {
        positions: positions.slice(from),
        ids: ids.slice(from),
        confidence: confidence.slice(from),
        p1: p1.slice(from),
        p2: p2.slice(from),
        entropy: entropy.slice(from),
      };
    };
    // trunc(7 * 0.3329) = 2, trunc(5 * 0.499) = 2, then everything.
    expect(model.select(rest(1), at(1)).chosen).toEqual([6, 5]);
    expect(model.select(rest(3), at(2)).chosen).toEqual([4, 3]);
    expect(model.select(rest(5), at(3)).chosen).toEqual([0, 1, 2]);
  });
});
