import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions, createCachePolicy } from '../../src/caching/registry.js';
import { decode } from '../../src/decoding/loop.js';
import { createUnmaskingRule, unmaskOptions } from '../../src/decoding/rules/registry.js';
import { fixtureModels } from '../oracle/checkpoints.js';
import { fullLogits } from '../oracle/forward.js';
import { argmax, type Row, softmax } from '../oracle/linear-algebra.js';
import { type RecordedPass, RecordingEngine } from '../oracle/recording-engine.js';
import { generation, openTestModel, type TestModel } from '../oracle/run.js';

const promptIds = Int32Array.of(3, 1, 4, 1, 5);

let model: TestModel;
/** The two ids that the model likes best here: they play end of text and end of turn. */
let eosId: number;
let eotId: number;
beforeAll(async () => {
  model = await openTestModel(join(fixtureModels, 'tiny-llada-a'));
  const { tokens } = await decoded({});
  const counts = new Map<number, number>();
  for (const id of tokens.slice(promptIds.length)) counts.set(id, (counts.get(id) ?? 0) + 1);
  [eosId, eotId] = [...counts].sort((a, b) => b[1] - a[1]).map(([id]) => id) as [number, number];
});
afterAll(() => model.engine.close());

async function decoded(settings: Record<string, unknown>) {
  const engine = new RecordingEngine(model.engine);
  const { maskId } = model.dimensions;
  const result = await decode(engine, {
    promptIds,
    generation: generation({ genLength: 24, blockLength: 12, ...settings }),
    cache: createCachePolicy(cacheOptions.parse({ policy: 'none' })),
    rule: createUnmaskingRule(unmaskOptions.parse({ rule: 'model' })),
    special: { maskId, eosId, eotId },
    clock: () => 0,
  });
  return { ...result, passes: engine.passes };
}

/** Expects the predictions of a pass to be those of `logits` under LLaDA's options. */
function expectPredictions(
  { request, result }: RecordedPass,
  logits: readonly Row[],
  withoutInArgmax: readonly number[],
  withoutInSoftmax: readonly number[],
): void {
  request.headRows.forEach((row, i) => {
    const best = argmax(softmax(logits[row]!, withoutInArgmax));
    const p = softmax(logits[row]!, withoutInSoftmax);
    expect(result.best[i]).toBe(best);
    expect(result.p1[i]).toBeCloseTo(p[best]!, 4);
    expect(result.p2[i]).toBeCloseTo([...p].sort((a, b) => b - a)[1]!, 4);
  });
}

describe('end-of-text options', () => {
  test('without them end of text and end of turn are generated early', async () => {
    const { tokens } = await decoded({});
    expect(tokens.includes(eosId)).toBe(true);
    expect(tokens.includes(eotId)).toBe(true);
  });

  test('logitsEosInf: never end of text, neither in ids nor in confidences', async () => {
    for (const temperature of [0, 1]) {
      const { tokens } = await decoded({ logitsEosInf: true, temperature });
      expect(tokens.includes(eosId)).toBe(false);
      expect(tokens.includes(eotId)).toBe(true);
    }
    const { passes } = await decoded({ logitsEosInf: true });
    for (const pass of passes) {
      expectPredictions(pass, fullLogits(model.weights, pass.request.tokens), [eosId], [eosId]);
    }
  });

  test('confidenceEosEotInf: committed only when nothing else is proposed', async () => {
    const { steps, passes } = await decoded({ confidenceEosEotInf: true });
    const ends = (id: number) => id === eosId || id === eotId;
    let held = 0;
    for (const [n, pass] of passes.entries()) {
      expectPredictions(pass, fullLogits(model.weights, pass.request.tokens), [], [eosId, eotId]);
      const others = [...pass.result.best].filter((id) => !ends(id)).length;
      const proposed = pass.result.best.length - others;
      const committed = steps[n]!.committed.filter(({ id }) => ends(id));
      if (others > 0) expect(committed).toEqual([]);
      if (others > 0 && proposed > 0) held += 1;
      for (const { confidence } of committed) expect(confidence).toBe(0);
    }
    expect(held).toBeGreaterThan(2);
  });

  test('confidenceEosEotInf at a temperature reaches end of turn only, as in the official code', async () => {
    const { passes } = await decoded({ confidenceEosEotInf: true, temperature: 0.5 });
    const proposed = new Set<number>();
    for (const { request, result } of passes) {
      const logits = fullLogits(model.weights, request.tokens);
      request.headRows.forEach((row, i) => {
        const id = result.best[i]!;
        proposed.add(id);
        expect(result.p1[i]).toBeCloseTo(softmax(logits[row]!, [eotId])[id]!, 4);
      });
    }
    expect([proposed.has(eosId), proposed.has(eotId)]).toEqual([true, true]);
  });

  test('both together', async () => {
    const { tokens, passes } = await decoded({ logitsEosInf: true, confidenceEosEotInf: true });
    expect(tokens.includes(eosId)).toBe(false);
    for (const pass of passes) {
      expectPredictions(pass, fullLogits(model.weights, pass.request.tokens), [eosId], [eosId, eotId]);
    }
  });
});

describe('classifier-free guidance', () => {
  test.each([0.5, 2])('w = %f combines the streams with and without the prompt', async (cfg) => {
    const { maskId } = model.dimensions;
    const { passes } = await decoded({ cfg });
    expect(passes).toHaveLength(24);
    for (const pass of passes) {
      const { tokens } = pass.request;
      const conditional = fullLogits(model.weights, tokens);
      const unconditional = fullLogits(model.weights, tokens.slice().fill(maskId, 0, promptIds.length));
      const guided = conditional.map((row, i) =>
        row.map((z, id) => unconditional[i]![id]! + (cfg + 1) * (z - unconditional[i]![id]!)),
      );
      expectPredictions(pass, guided, [], []);
    }
  });

  test('changes the output', async () => {
    const plain = await decoded({});
    const guided = await decoded({ cfg: 2 });
    expect(guided.tokens).not.toEqual(plain.tokens);
    expect(guided.nfe).toBe(plain.nfe);
  });
});
