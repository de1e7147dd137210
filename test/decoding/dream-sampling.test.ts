import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheOptions } from '../../src/caching/registry.js';
import { unmaskOptions } from '../../src/decoding/rules/registry.js';
import { plainSpec } from '../../src/graph/spec.js';
import { writeRandomCheckpoint } from '../../src/models/random.js';
import { Rng } from '../../src/stats/rng.js';
import { smallDreamSize, temporaryFolder } from '../oracle/checkpoints.js';
import { fullLogits } from '../oracle/forward.js';
import { argmax, type Row, softmax } from '../oracle/linear-algebra.js';
import { generation, openTestModel, randomPrompt, run, type TestModel } from '../oracle/run.js';

let model: TestModel;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeRandomCheckpoint(folder.path, smallDreamSize, { seed: 'sampling', family: 'dream' });
  model = await openTestModel(folder.path);
});
afterAll(async () => {
  await model.engine.close();
  await folder.remove();
});

interface Filter {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
}

/** Dream's distribution: `softmax(z / T)`, cut to the nucleus and to the k likeliest, renormalised. */
function filtered(logits: Row, { temperature, topP, topK }: Filter): Row {
  const p = softmax(temperature > 0 ? logits.map((z) => z / temperature) : logits);
  const ranked = [...p.keys()].sort((a, b) => p[b]! - p[a]!);
  let before = 0;
  const kept = ranked.filter((id, rank) => {
    const keep = before <= topP && (topK === 0 || rank < topK);
    before += p[id]!;
    return keep;
  });
  const mass = kept.reduce((sum, id) => sum + p[id]!, 0);
  return p.map((value, id) => (kept.includes(id) ? value / mass : 0));
}

/** The only token of a one-token response: position 5, predicted by row 4, the last of the prompt. */
async function draw({ temperature, topP, topK }: Filter, seed: string) {
  const promptIds = randomPrompt(new Rng('chi'), 5, model.dimensions);
  const dream = { alg: 'maskgit-plus', topP, topK };
  const settings = generation({ genLength: 1, blockLength: 1, steps: 1, temperature, seed, dream });
  const task = { promptIds, generation: settings, unmask: unmaskOptions.parse({ rule: 'model' }) };
  const { steps } = await run(model.engine, model.dimensions, task, cacheOptions.parse({ policy: 'none' }));
  return steps[0]!.committed[0]!;
}

function lastPromptLogits(): Row {
  const { dimensions, weights } = model;
  const prompt = randomPrompt(new Rng('chi'), 5, dimensions);
  return fullLogits(weights, Int32Array.from([...prompt, dimensions.maskId]))[4]!;
}

describe('a token of Dream', () => {
  test.each<Filter>([
    { temperature: 1, topP: 1, topK: 0 },
    { temperature: 0.8, topP: 1, topK: 0 },
    { temperature: 2, topP: 0.7, topK: 0 },
    { temperature: 1.5, topP: 1, topK: 4 },
    { temperature: 2, topP: 0.9, topK: 6 },
  ])('is drawn, and its confidence taken, from the filtered distribution: %o', async (filter) => {
    const wanted = filtered(lastPromptLogits(), filter);
    const draws = 600;
    const counts = new Int32Array(wanted.length);
    for (let i = 0; i < draws; i++) {
      const { id, confidence } = await draw(filter, `draw ${i}`);
      expect(wanted[id]).toBeGreaterThan(0);
      expect(confidence).toBeCloseTo(wanted[id]!, 5);
      counts[id]! += 1;
    }
    let [statistic, bins] = [0, 0];
    let rest = { expected: 0, seen: 0 };
    const bin = (expected: number, seen: number) => {
      statistic += (seen - expected) ** 2 / expected;
      bins += 1;
    };
    for (const [id, p] of wanted.entries()) {
      if (p * draws >= 5) bin(p * draws, counts[id]!);
      else rest = { expected: rest.expected + p * draws, seen: rest.seen + counts[id]! };
    }
    if (rest.expected > 0.5) bin(rest.expected, rest.seen);
    expect(bins).toBeGreaterThan(2);
    expect(statistic).toBeLessThan(bins - 1 + 4.5 * Math.sqrt(2 * (bins - 1)));
  });

  test.each<Filter>([
    { temperature: 0, topP: 1, topK: 0 },
    { temperature: 0, topP: 0.5, topK: 0 },
    { temperature: 0, topP: 1, topK: 3 },
    { temperature: 0, topP: 1, topK: 1 },
    { temperature: 0, topP: 1e-6, topK: 0 },
  ])('without temperature is the likeliest, with the confidence of the nucleus: %o', async (filter) => {
    const logits = lastPromptLogits();
    const { id, confidence } = await draw(filter, 's');
    expect(id).toBe(argmax(logits));
    expect(confidence).toBeCloseTo(filtered(logits, filter)[id]!, 5);
  });
});

test('the entropy of a row is that of its filtered distribution, negative', async () => {
  const { dimensions, weights, engine } = model;
  const tokens = Int32Array.from([...randomPrompt(new Rng('entropy'), 6, dimensions), dimensions.maskId]);
  const logits = fullLogits(weights, tokens);
  const rows = tokens.map((_, i) => i);
  for (const filter of [
    undefined,
    { temperature: 0, topP: 0.8, topK: 0 },
    { temperature: 0, topP: 1, topK: 3 },
  ]) {
    await engine.begin({
      spec: { ...plainSpec, entropy: true, nucleus: filter !== undefined },
      length: tokens.length,
      ...(filter === undefined ? {} : { nucleus: filter }),
    });
    const plan = { kind: 'uniform', rows, store: 'none' } as const;
    const { entropy, p2 } = await engine.step({ tokens, headRows: rows, plan, pass: 0 });
    for (const row of rows) {
      const p = filter === undefined ? softmax(logits[row]!) : filtered(logits[row]!, filter);
      const expected = p.reduce((sum, x) => sum + x * Math.log(x + 1e-10), 0);
      expect(entropy![row]).toBeCloseTo(expected, 4);
      expect(p2[row]).toBeCloseTo([...p].sort((a, b) => b - a)[1]!, 4);
    }
  }
});
