import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadMethod } from '../../../src/config/method.js';
import {
  choosingPart,
  decodeWith,
  givenParts,
  type TimedCell,
  timeResponse,
} from '../../../src/experiments/latency/added-latency.js';
import { latencyTable, type TimedResponse } from '../../../src/experiments/latency/latency-table.js';
import { monotonicClock } from '../../../src/measure/clock.js';
import { generation } from '../../oracle/run.js';
import { openSmallModels } from '../../oracle/small-models.js';

const settings = generation({ genLength: 32, blockLength: 16, steps: 32 });
const prompt = Int32Array.from({ length: 20 }, (_, i) => 3 + (i % 20));

let models: Awaited<ReturnType<typeof openSmallModels>>['models'];
let close: () => Promise<void>;
beforeAll(async () => {
  ({ models, close } = await openSmallModels());
});
afterAll(() => close());

function cellOf(id: string, family: 'llada' | 'dream'): TimedCell {
  return { id, method: loadMethod(id, family), generation: settings };
}

function contextOf(family: 'llada' | 'dream') {
  const { engine, dimensions } = models[family];
  return { model: { engine, checkpoint: { dimensions } }, clock: monotonicClock };
}

describe.each(['llada', 'dream'] as const)('what a method chose, given back (%s)', (family) => {
  test.each(['dynamic-dllm', 'apd', 'dynamic-dllm-apd'])('%s: same rows, same tokens', async (id) => {
    const [cell, context] = [cellOf(id, family), contextOf(family)];
    const chosen = await decodeWith(prompt, cell, context);
    const given = await decodeWith(prompt, cell, context, (own) => givenParts(own, chosen));
    expect([...given.tokens]).toEqual([...chosen.tokens]);
    expect(given.nfe).toBe(chosen.nfe);
    const commits = (steps: typeof given.steps) =>
      steps.map(({ committed }) => committed.map((commit) => [commit.position, commit.id]));
    expect(commits(given.steps)).toEqual(commits(chosen.steps));
    const rows = (steps: typeof given.steps) =>
      steps.map(({ layerRows }) => layerRows?.map((list) => [...list]));
    expect(rows(given.steps)).toEqual(rows(chosen.steps));
    if (id === 'apd') return;
    // The one compares layer inputs and ranks rows by them, the other does neither.
    expect(chosen.steps.some(({ layerMeans }) => layerMeans!.some((mean) => mean > 0))).toBe(true);
    expect(given.steps.every(({ layerMeans }) => layerMeans!.every((mean) => mean === 0))).toBe(true);
    expect(given.steps.every(({ layerBudgets }) => layerBudgets!.every((rows) => rows === 0))).toBe(true);
    expect(chosen.steps.slice(1).some(({ layerBudgets }) => layerBudgets!.some((rows) => rows > 0))).toBe(
      true,
    );
  });

  test('the rule that repeats asks for no shift', async () => {
    const [cell, context] = [cellOf('apd', family), contextOf(family)];
    const chosen = await decodeWith(prompt, cell, context);
    await decodeWith(prompt, cell, context, (own) => {
      const given = givenParts(own, chosen);
      expect([own.rule.needsShift, given.rule.needsShift]).toEqual([true, false]);
      expect(given.cache).toBe(own.cache);
      return given;
    });
  });
});

test('a response is timed in every round, and the same each time', async () => {
  const cells = [cellOf('dynamic-dllm', 'llada'), cellOf('apd', 'llada')];
  const times = await timeResponse(prompt, cellOf('vanilla', 'llada'), cells, 3, contextOf('llada'));
  expect(times.map((rounds) => rounds.length)).toEqual([3, 3]);
  for (const { baselineMs, withMs, withoutMs, passes, equal } of times.flat()) {
    for (const ms of [baselineMs, withMs, withoutMs]) expect(ms).toBeGreaterThan(0);
    expect(passes).toBeGreaterThan(0);
    expect(equal).toBe(true);
  }
  expect(times[0]![0]!.passes).toBe(32);
});

test('what chooses, and what does not', () => {
  const part = (id: string, family: 'llada' | 'dream' = 'llada') => choosingPart(cellOf(id, family), family);
  expect(part('dynamic-dllm')).toBe('DCU');
  expect(part('apd', 'dream')).toBe('APD');
  expect(part('dynamic-dllm-apd')).toBe('DCU + APD');
  expect(() => part('fast-dllm')).toThrow(/chooses neither rows nor thresholds.*use dynamic-dllm, apd or/);
  expect(() => part('dllm-cache')).toThrow(/its rows cannot be given by the host/);
});

test('the table: paired differences of a round, their median and quartiles', () => {
  const rounds = [
    [100, 30, 20],
    [200, 44, 40],
    [100, 26, 20],
  ].map(([baselineMs, withMs, withoutMs]) => ({
    ...{ baselineMs: baselineMs!, withMs: withMs!, withoutMs: withoutMs!, passes: 8, equal: true },
  }));
  const response: TimedResponse = {
    ...{ benchmark: 'gsm8k', sample: 's', method: 'dynamic-dllm', part: 'DCU', genLength: 64, rounds },
  };
  const { tables, shown } = latencyTable([response, { ...response, genLength: 128 }]);
  expect(tables[0]!.rows).toHaveLength(2);
  expect(tables[0]!.rows[0]).toMatchObject({
    ...{ gen_length: 64, method: 'dynamic-dllm', part: 'DCU', responses: 1, rounds: 3, passes_mean: 8 },
    // 192 tokens in 0.4 s.
    baseline_tps: 480,
    ...{ added_ms_median: 6, added_ms_q25: 5, added_ms_q75: 8, added_us_per_pass_median: 750 },
    of_baseline_median: 0.06,
    ...{ equal_tokens: 1, published: null },
  });
  expect(tables[0]!.rows[0]!.relative_median).toBeCloseTo(0.3, 12);
  expect(tables[0]!.rows[0]!.relative_q25).toBeCloseTo(0.2, 12);
  expect(tables[1]!.rows).toHaveLength(6);
  expect(shown.rows[0]).toEqual([
    ...['64', 'dynamic-dllm', 'DCU', '480.0', '6.00', '[5.00, 8.00]', '750'],
    ...['30.0', '[20.0, 40.0]', '6.0', 'n/a'],
  ]);
});
