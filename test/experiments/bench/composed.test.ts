import { describe, expect, test } from 'vitest';
import { composeGeneration } from '../../../src/experiments/bench/composed.js';
import { growthLengths } from '../../../src/experiments/bench/growth.js';
import type { WatchedPass, WatchedSample } from '../../../src/experiments/passes/watched-passes.js';

function pass(isFull: boolean, flops: number, totalMs: number): WatchedPass {
  const rows = { passes: 1, length: 8, layers: 1, layerRows: 8, valueOnlyRows: 0, headRows: 1 };
  return { isFull, flops, totalMs, runMs: totalMs, layerRows: 8, unconditionalRows: 0, rows };
}

/** A sample whose full passes have 1000 operations, and partial ones so many. */
function sample(partial: readonly number[], exactPasses = true): WatchedSample {
  const passes = [pass(true, 1000, 0), ...partial.map((flops) => pass(false, flops, 0))];
  return { graph: '', beginMs: 0, tokens: 8, passes, nfe: passes.length + 1, exactPasses };
}

/** Full passes take 50 ms; partial ones 1 ms and 0.01 ms an operation. */
const full = pass(true, 1000, 50);
const partial = (flops: number) => pass(false, flops, 1 + 0.01 * flops);

describe('a composed generation', () => {
  test('charges each kind by what its own passes took', () => {
    const timed = [full, partial(100), partial(200), full, partial(100), partial(200)];
    const composed = composeGeneration(sample([100, 200, 400, 300]), 'counted', timed, 2, 20);
    expect(composed).toMatchObject({ nfe: 6, passes: 5, fullPasses: 1, partialShare: 1, atMost: false });
    expect(composed.flops).toBe(2000);
    expect(composed.ms).toBeCloseTo(50 + 4 + 10, 6);
    expect(composed.tokensPerSecond).toBeCloseTo(20_000 / 64, 6);
  });

  test('takes the share of counted operations that ran where they were timed', () => {
    const timed = [full, partial(50), partial(100)];
    const counted = composeGeneration(sample([100, 200, 400]), 'counted', timed, 1, 20);
    expect(counted.partialShare).toBe(0.5);
    expect(counted.flops).toBe(1350);
    expect(counted.ms).toBeCloseTo(50 + 3 + 3.5, 6);
    const recorded = composeGeneration(sample([100, 200, 400]), 'recorded', timed, 1, 20);
    expect(recorded).toMatchObject({ partialShare: 1, flops: 1700 });
  });

  test('is an upper bound where fewer passes may do, unless they were seen', () => {
    const open = sample([100], false);
    expect(composeGeneration(open, 'counted', [full, partial(100)], 1, 20).atMost).toBe(true);
    expect(composeGeneration(open, 'recorded', [full, partial(100)], 1, 20).atMost).toBe(false);
  });

  test('goes by passes of the other kind where one was never timed', () => {
    const composed = composeGeneration(sample([500]), 'counted', [full], 1, 20);
    expect(composed.ms).toBeCloseTo(50 + 25, 6);
  });
});

test.each([
  [200, []],
  [512, [256, 512]],
  [4096, [256, 512, 1024, 2048, 4096]],
  [9000, [256, 512, 1024, 2048, 4096]],
])('lengths of a model that holds %i', (maxSequenceLength, lengths) => {
  expect(growthLengths({ family: 'llada', maxSequenceLength })).toEqual(lengths);
});
