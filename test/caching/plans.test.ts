import { describe, expect, test } from 'vitest';
import type { CachePolicy, PassView, SampleShape } from '../../src/caching/policy.js';
import { cacheOptions, createCachePolicy } from '../../src/caching/registry.js';
import type { AdaptivePlan, StepResult, UniformPlan } from '../../src/engine/types.js';
import type { ModelDimensions } from '../../src/models/types.js';

/** Which rows each policy computes and stores, on canvases worked out by hand from `methods.md` 3.2 to 3.6. */

const mask = 99;
const nothing: StepResult = { best: new Int32Array(0), p1: new Float64Array(0), p2: new Float64Array(0) };

function begun(
  options: Record<string, unknown>,
  shape: Pick<SampleShape, 'promptLength' | 'genLength'>,
  family: ModelDimensions['family'] = 'llada',
): CachePolicy {
  const policy = createCachePolicy(cacheOptions.parse(options), family);
  const length = shape.promptLength + shape.genLength;
  policy.begin({ ...shape, length, layers: 2, predictsNext: family === 'dream' });
  return policy;
}

/** A canvas: `.` is a mask, everything else a token. */
function canvas(picture: string): Int32Array {
  return Int32Array.from(picture, (c) => (c === '.' ? mask : 1));
}

function view(pass: number, picture: string, more: Partial<PassView> = {}): PassView {
  const tokens = canvas(picture);
  const block = { start: 2, end: tokens.length };
  return { pass, passInBlock: pass, tokens, maskId: mask, block, ...more };
}

/** `rows / stored` of a uniform pass: `0,1,2 / 2`. */
function plan(policy: CachePolicy, v: PassView): string {
  const { rows, store } = policy.beforeStep(v) as UniformPlan;
  policy.afterStep([], nothing);
  return `${rows.join()} / ${typeof store === 'string' ? store : store.join()}`;
}

describe('dkv-decode on LLaDA', () => {
  test('caches what was known one pass ago, and is full at pass 0, 1, R, 2R', () => {
    const policy = begun({ policy: 'dkv-decode', refreshInterval: 4 }, { promptLength: 2, genLength: 4 });
    expect(plan(policy, view(0, 'pp....'))).toBe('0,1,2,3,4,5 / none');
    expect(plan(policy, view(1, 'ppa...'))).toBe('0,1,2,3,4,5 / 0,1,2');
    // Position 3 came at pass 1: it is computed as a token once more, and then kept.
    expect(plan(policy, view(2, 'ppab..'))).toBe('3,4,5 / 3');
    expect(plan(policy, view(3, 'ppab.c'))).toBe('4,5 / 5');
    expect(plan(policy, view(4, 'ppabdc'))).toBe('0,1,2,3,4,5 / 0,1,2,3,4,5');
  });

  test('begins anew with every block', () => {
    const policy = begun({ policy: 'dkv-decode', refreshInterval: 4 }, { promptLength: 2, genLength: 4 });
    for (const [pass, picture] of ['pp....', 'ppa...', 'ppab..'].entries()) plan(policy, view(pass, picture));
    const next = { block: { start: 4, end: 6 } };
    expect(plan(policy, view(3, 'ppab..', { ...next, passInBlock: 0 }))).toBe('0,1,2,3,4,5 / none');
    expect(plan(policy, view(4, 'ppabc.', { ...next, passInBlock: 1 }))).toBe('0,1,2,3,4,5 / 0,1,2,3,4');
    expect(plan(policy, view(5, 'ppabcd', { ...next, passInBlock: 2 }))).toBe('5 / 5');
  });

  test('computes one row where all are cached', () => {
    const policy = begun({ policy: 'dkv-decode', refreshInterval: 8 }, { promptLength: 1, genLength: 1 });
    for (const pass of [0, 1]) plan(policy, view(pass, 'pa'));
    expect(plan(policy, view(2, 'pa'))).toBe('1 / none');
  });
});

describe('dkv-greedy', () => {
  const shape = { promptLength: 2, genLength: 6 };
  const order = (now: number[], next: number[]) => ({
    scheduled: Int32Array.from(now),
    scheduledNext: Int32Array.from(next),
  });
  /** A pass that commits what is scheduled. */
  const step = (policy: CachePolicy, v: PassView) => {
    const { rows, store } = policy.beforeStep(v) as UniformPlan;
    policy.afterStep(
      Array.from(v.scheduled!, (position) => ({ position, id: 1, confidence: 1 })),
      nothing,
    );
    return `${rows.join()} / ${String(store)}`;
  };

  test('computes what came, what comes and masked neighbours, left before right', () => {
    const policy = begun({ policy: 'dkv-greedy', refreshInterval: 3, window: 2 }, shape);
    expect(step(policy, view(0, 'pp......', order([4], [6])))).toBe('0,1,2,3,4,5,6,7 / all');
    // 4 came, 6 comes; its neighbours 5 and 7.
    expect(step(policy, view(1, 'pp..a...', order([6], [2])))).toBe('4,5,6,7 / all');
    // 6 came, 2 comes; left of it is the prompt, right of it 3, then 5: both masked before the pass.
    expect(step(policy, view(2, 'pp..a.b.', order([2], [7])))).toBe('2,3,5,6 / all');
    expect(step(policy, view(3, 'ppc.a.b.', order([7], [3])))).toBe('0,1,2,3,4,5,6,7 / all');
  });

  test('without a window computes only what came and what comes', () => {
    const policy = begun({ policy: 'dkv-greedy', refreshInterval: 9, window: 0 }, shape);
    step(policy, view(0, 'pp......', order([4, 3], [6])));
    expect(step(policy, view(1, 'pp.ba...', order([6], [])))).toBe('3,4,6 / all');
    expect(step(policy, view(2, 'pp.ba.c.', order([], [])))).toBe('6 / all');
    expect(step(policy, view(3, 'pp.ba.c.', order([], [])))).toBe('7 / none');
  });
});

describe('dkv on Dream', () => {
  const shape = { promptLength: 3, genLength: 3 };

  test('decode keeps rows whose prediction is known, one pass late', () => {
    const policy = begun({ policy: 'dkv-decode', refreshInterval: 4 }, shape, 'dream');
    // Row 2, the last of the prompt, predicts position 3.
    expect(plan(policy, view(0, 'ppp...'))).toBe('0,1,2,3,4,5 / 0,1');
    // Position 4 is known: row 3 may be kept although its own token is not; the last row always may.
    expect(plan(policy, view(1, 'ppp.a.'))).toBe('2,3,4,5 / 3,5');
    expect(plan(policy, view(2, 'pppba.'))).toBe('2,4 / 2');
    expect(plan(policy, view(3, 'pppbac'))).toBe('4 / 4');
    expect(plan(policy, view(4, 'pppbac'))).toBe('0,1,2,3,4,5 / 0,1,2,3,4,5');
    expect(plan(policy, view(5, 'pppbac'))).toBe('5 / none');
  });

  test('un_right waits for the token of the row itself', () => {
    const options = { policy: 'dkv-decode', refreshInterval: 9, shiftType: 'un_right' };
    const policy = begun(options, shape, 'dream');
    plan(policy, view(0, 'ppp...'));
    expect(plan(policy, view(1, 'ppp.a.'))).toBe('2,3,4,5 / ');
    expect(plan(policy, view(2, 'pppba.'))).toBe('2,3,4,5 / 2,3');
  });

  test('prefill keeps the prompt but its last row for good', () => {
    const policy = begun({ policy: 'dkv-prefill' }, shape, 'dream');
    expect(plan(policy, view(0, 'ppp...'))).toBe('0,1,2,3,4,5 / 0,1');
    for (const pass of [1, 2, 8]) expect(plan(policy, view(pass, 'pppab.'))).toBe('2,3,4,5 / none');
  });

  test('pd refreshes what stands behind the prompt', () => {
    const policy = begun({ policy: 'dkv-pd', refreshInterval: 2 }, shape, 'dream');
    expect(plan(policy, view(0, 'ppp...'))).toBe('0,1,2,3,4,5 / 0,1');
    expect(plan(policy, view(1, 'pppa..'))).toBe('2,3,4,5 / 2,5');
    expect(plan(policy, view(2, 'pppab.'))).toBe('2,3,4,5 / 2,3,5');
    expect(plan(policy, view(3, 'pppabc'))).toBe('4 / 4');
  });
});

describe("Fast-dLLM's caches", () => {
  const shape = { promptLength: 2, genLength: 4 };
  const second = { block: { start: 4, end: 6 } };

  test.each([
    ['prefix', '0,1,2,3,4,5 / 0,1', '2,3,4,5 / none', '0,1,2,3,4,5 / 0,1,2,3', '4,5 / none'],
    ['dual', '0,1,2,3,4,5 / all', '2,3 / all', '0,1,2,3,4,5 / all', '4,5 / all'],
  ])('%s: full at block start, then its own rows', (policy, start, inside, nextStart, nextInside) => {
    const first = { block: { start: 2, end: 4 } };
    for (const family of ['llada', 'dream'] as const) {
      const made = begun({ policy }, shape, family);
      expect(plan(made, view(0, 'pp....', first))).toBe(start);
      expect(plan(made, view(1, 'ppa...', first))).toBe(inside);
      expect(plan(made, view(2, 'ppab..', { ...second, passInBlock: 0 }))).toBe(nextStart);
      expect(plan(made, view(3, 'ppabc.', { ...second, passInBlock: 1 }))).toBe(nextInside);
      expect(made.minPassesPerBlock).toBe(family === 'llada' ? 2 : undefined);
    }
  });
});

describe('dllm-cache', () => {
  /** `mandatory rows of layer 1 / budget of layer 1 / rows whose V is made anew`, pass by pass. */
  function passes(options: Record<string, unknown>, count: number): string[] {
    const policy = begun({ policy: 'dllm-cache', ...options }, { promptLength: 2, genLength: 6 });
    return Array.from({ length: count }, (_, pass) => {
      const { mandatory, budgets, valueRows } = policy.beforeStep(view(pass, 'pp......')) as AdaptivePlan;
      policy.afterStep([], nothing);
      const flags = (layer: number) => mandatory.subarray(layer * 8, layer * 8 + 8).join('');
      // Layer 0 is complete at every pass.
      expect([flags(0), budgets[0]]).toEqual(['11111111', 0]);
      return `${flags(1)} / ${budgets[1]} / ${valueRows?.others.join('') ?? '-'}`;
    });
  }

  test('refreshes prompt and response at intervals of their own, and a share of the response in between', () => {
    expect(passes({ promptInterval: 4, responseInterval: 3, updateRatio: 0.4 }, 7)).toEqual([
      '11111111 / 0 / 01234567',
      '00000000 / 2 / 234567',
      '00000000 / 2 / 234567',
      '00111111 / 0 / 234567',
      '11000000 / 2 / 01234567',
      '00000000 / 2 / 234567',
      '00111111 / 0 / 234567',
    ]);
  });

  test('truncates the share, and with none verifies nothing', () => {
    expect(passes({ updateRatio: 0.15 }, 2)[1]).toBe('00000000 / 0 / 234567');
    expect(passes({ updateRatio: 1 }, 2)[1]).toBe('00000000 / 6 / 234567');
    expect(passes({ updateRatio: 0 }, 2)).toEqual(['11111111 / 0 / -', '00000000 / 0 / -']);
  });

  test('-1 is every pass, and a new sample begins the counts anew', () => {
    const always = { promptInterval: -1, responseInterval: -1 };
    expect(new Set(passes(always, 4))).toEqual(new Set(['11111111 / 0 / 01234567']));
    const policy = begun({ policy: 'dllm-cache' }, { promptLength: 1, genLength: 1 });
    const refreshed = () => {
      const { mandatory } = policy.beforeStep(view(0, 'p.')) as AdaptivePlan;
      policy.afterStep([], nothing);
      return mandatory.every((flag) => flag === 1);
    };
    expect([refreshed(), refreshed()]).toEqual([true, false]);
    policy.begin({ promptLength: 1, genLength: 1, length: 2, layers: 2, predictsNext: false });
    expect(refreshed()).toBe(true);
  });
});
