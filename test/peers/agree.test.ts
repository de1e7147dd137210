import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { describeDifference, differentTokens, firstDifference, isTie } from '../../scripts/peers/agree.js';
import { methodsNamed } from '../../scripts/peers/cases.js';
import { Peer } from '../../scripts/peers/peer.js';
import type { Decoded, Margins, Reveal } from '../../scripts/peers/protocol.js';
import { decode } from '../../src/decoding/loop.js';
import { createMethod } from '../../src/decoding/method.js';
import { generationOptions, resolveGeneration } from '../../src/decoding/settings.js';
import { openLocalEngine } from '../../src/engine/open.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { packageRoot } from '../../src/paths.js';
import { smallSize, temporaryFolder } from '../oracle/checkpoints.js';

const mask = 9;
const run = (...steps: Reveal[][]): Decoded => {
  const tokens = [1, 2, mask, mask, mask];
  for (const [position, id] of steps.flat()) tokens[position] = id;
  return { steps, passMs: steps.map(() => 1), tokens };
};

describe('where two runs part', () => {
  test('is the first pass that reveals something else; passes that reveal nothing do not count', () => {
    const whole = run([[2, 5]], [], [[3, 6]], [[4, 7]]);
    expect(firstDifference(whole, run([[2, 5]], [[3, 6]], [[4, 7]]))).toBeUndefined();
    const other = run([[2, 5]], [[4, 7]], [[3, 6]]);
    expect(firstDifference(whole, other)).toEqual({
      oursPass: 2,
      theirsPass: 1,
      ours: [[3, 6]],
      theirs: [[4, 7]],
    });
    expect(differentTokens(whole, other, mask)).toBe(0);
    expect(firstDifference(whole, run([[2, 5]], [[3, 6]]))).toMatchObject({ ours: [[4, 7]], theirs: [] });
  });

  test('leaves out what both reveal in that pass', () => {
    const both = firstDifference(
      run([
        [2, 5],
        [3, 6],
      ]),
      run([
        [2, 5],
        [3, 8],
      ]),
    );
    expect(both).toMatchObject({ ours: [[3, 6]], theirs: [[3, 8]] });
    expect(differentTokens(run([[3, 6]]), run([[3, 8]]), mask)).toBe(1);
    expect(differentTokens(run([[3, 6]]), run([[4, 8]]), mask)).toBe(0);
  });

  test('is a tie where rounding decides on both sides', () => {
    const order = firstDifference(run([[2, 5]], [[3, 6]]), run([[3, 6]], [[2, 5]]))!;
    const near: Margins = { positions: [2, 3], confidences: [0.9000001, 0.9], gaps: [3, 3], chosen: [] };
    const far: Margins = { ...near, confidences: [0.91, 0.9] };
    expect(isTie(order, near, near)).toBe(true);
    expect(isTie(order, far, near)).toBe(false);
    expect(isTie(order, near, far)).toBe(false);
    expect(isTie(order, near, { positions: [3], confidences: [0.9], gaps: [3], chosen: [] })).toBe(false);
    expect(describeDifference(order, near, far)).toContain(
      '2 = 5, confidence 0.900000100 (logit gap 3.00) / 0.91',
    );
    const token = firstDifference(run([[2, 5]]), run([[2, 6]]))!;
    expect(isTie(token, near, near)).toBe(false);
    expect(isTie(token, { ...near, gaps: [1e-5, 3] }, { ...near, gaps: [2e-5, 3] })).toBe(true);
    expect(isTie(firstDifference(run([[2, 5]]), run([]))!, near, near)).toBe(false);
  });
});

test('parting at rows that the caches chose differently is a tie where their distances are', () => {
  const order = firstDifference(run([[2, 5]], [[3, 6]]), run([[3, 6]], [[2, 5]]))!;
  const side = (rows: number[], distances: number[], first: number): Margins => {
    const chosen = [
      { step: 1, layer: 1, rows: [3], first, distances: distances.slice(first) },
      { step: 1, layer: 2, rows, first, distances: distances.slice(first) },
    ];
    return { positions: [2, 3], confidences: [0.9, 0.8], gaps: [3, 3], chosen };
  };
  const distances = [0.5, 0, 1e-7, 0.3, 3e-7];
  // Rows before the first that PyTorch could choose do not count.
  const ours = side([0, 2, 3], distances, 0);
  expect(isTie(order, ours, side([3, 4], distances, 2))).toBe(true);
  expect(isTie(order, ours, side([3, 4], [0, 0, 1e-3, 0.3, 3e-7], 2))).toBe(false);
  expect(isTie(order, ours, side([2, 3], distances, 2))).toBe(false);
  // Another budget is no tie.
  expect(isTie(order, ours, side([3], distances, 2))).toBe(false);
  expect(describeDifference(order, ours, side([3, 4], distances, 2))).toContain(
    'in pass 1, layer 2 computed other rows (2 here, 2 in PyTorch): 2 in dispute, with distances of 1.00e-7 to 3.00e-7 here',
  );
});

test.runIf(process.platform === 'linux')(
  'our side answers with what the loop decodes, whole and cut short',
  async () => {
    const { path, remove } = await temporaryFolder();
    await writeRandomCheckpoint(path, smallSize, { seed: 'peers' });
    const { dimensions } = await openCheckpoint(path);
    const generation = resolveGeneration(generationOptions.parse({ genLength: 32, blockLength: 16 }));
    const method = methodsNamed('dllm-cache', 'reference').get('dllm-cache')!;
    const prompt = [1, 2, 3, 4, 5];
    const engine = await openLocalEngine({ checkpointDir: path, threads: 1 });
    const expected = await decode(engine, {
      promptIds: Int32Array.from(prompt),
      generation,
      ...createMethod(method, 'llada', generation),
      special: dimensions,
      clock: monotonicClock,
    });
    await engine.close();
    const steps = expected.steps.map(({ committed }) => committed.map(({ position, id }) => [position, id]));
    const serve = ['--import', 'tsx', `${packageRoot}/scripts/peers/serve.ts`, path, '1'];
    const { peer } = await Peer.start(process.execPath, serve, {});
    try {
      const call = { ...method, prompt, generation, passes: null };
      const whole = await peer.ask<Decoded>(call);
      expect(whole.steps).toEqual(steps);
      expect(whole.tokens).toEqual(Array.from(expected.tokens));
      expect(whole.passMs).toHaveLength(32);
      // Between questions it stands still, as soon as the signal has reached all its threads.
      await setTimeout(20);
      const before = await peer.cpuMs();
      await setTimeout(50);
      expect(await peer.cpuMs()).toBe(before);
      const cut = await peer.ask<Decoded>({ ...call, passes: 3 });
      expect(cut.steps).toEqual(steps.slice(0, 3));
      expect(cut.passMs).toHaveLength(3);
      expect(cut.tokens.filter((id) => id === dimensions.maskId)).toHaveLength(29);
      const [chosen] = expected.steps[2]!.committed;
      const margins = await peer.ask<Margins>({ ...call, passes: 3, margins: true });
      const best = Math.max(...margins.confidences);
      expect(best).toBe(chosen!.confidence);
      expect(margins.positions[margins.confidences.indexOf(best)]).toBe(chosen!.position);
    } finally {
      peer.close();
      await remove();
    }
  },
);
