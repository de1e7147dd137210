import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parseVector, type Vector } from '../../src/conformance/vector.js';
import { type Outcome, vectorMethod, verifyVector } from '../../src/conformance/verify.js';
import type { Saving } from '../../src/graph/savings.js';
import { fixtureModels } from '../oracle/checkpoints.js';
import { openTestModel, type TestModel } from '../oracle/run.js';

const folder = fileURLToPath(new URL('../fixtures/conformance/public/', import.meta.url));
const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();

/** Vectors in the fixtures by method; all of them are built, so every one must pass. */
const expectedCounts: Readonly<Record<string, number>> = {
  'dkvcache.dream': 9,
  'dkvcache.dream.pd': 2,
  'dkvcache.llada.decode': 9,
  'dkvcache.llada.greedy': 6,
  'dllmcache.dream': 9,
  'dllmcache.llada': 16,
  'dream.vanilla': 18,
  'dynamicdllm.paper-reading': 36,
  'dynamicdllm.released.generate': 20,
  'dynamicdllm.released.pd': 21,
  'fastdllm.dream.block': 18,
  'fastdllm.llada.dual': 13,
  'fastdllm.llada.nocache': 7,
  'fastdllm.llada.prefix': 12,
  'llada.vanilla': 14,
  'logits_calls dkvcache.dream': 1,
  'logits_calls dkvcache.llada.decode': 1,
  'logits_calls dkvcache.llada.greedy': 1,
  'logits_calls dllmcache.dream': 1,
  'logits_calls dllmcache.llada': 2,
  'logits_calls dynamicdllm.paper-reading': 1,
  'logits_calls dynamicdllm.released.generate': 2,
  'logits_calls fastdllm.dream.block': 2,
  'logits_calls fastdllm.llada.dual': 1,
  'logits_calls fastdllm.llada.prefix': 1,
  logits_full: 5,
};

const models = new Map<string, TestModel>();
afterAll(async () => {
  for (const { engine } of models.values()) await engine.close();
});

async function verify(vector: Vector, savings?: readonly Saving[]): Promise<Outcome> {
  const name = vector.vector.model;
  const model = models.get(name) ?? (await openTestModel(join(fixtureModels, name)));
  models.set(name, model);
  return verifyVector(vector, model, () => 0, savings);
}

async function load(file: string): Promise<Vector> {
  const vector = parseVector(await readFile(join(folder, file), 'utf8'));
  if (typeof vector === 'string') throw new Error(`${file}: ${vector}`);
  return vector;
}

describe('recorded runs of the official implementations', () => {
  const passed = new Map<string, number>();

  test.each(files)('%s', async (file) => {
    const vector = await load(file);
    expect(await verify(vector)).toMatchObject({ state: 'passed' });
    expect(await verify(vector, []), 'with nothing left out').toMatchObject({ state: 'passed' });
    const method = vectorMethod(vector);
    passed.set(method, (passed.get(method) ?? 0) + 1);
  });

  test('as many of each method as there are', () => {
    expect(Object.fromEntries([...passed].sort())).toEqual(expectedCounts);
  });
});

const someTrace = 'dynamicdllm_released_generate-tiny-llada-a-01.json';
const someReading = files.find((name) => name.startsWith('dynamicdllm_paper-reading-tiny-llada'))!;

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests break.
type Json = Record<string, any>;

/** A recorded trace with something changed. */
async function changed(file: string, change: (json: Json) => void): Promise<Outcome | string> {
  const json = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>;
  change(json);
  const vector = parseVector(JSON.stringify(json));
  return typeof vector === 'string' ? vector : verify(vector);
}

describe('a vector that does not agree fails with what differs first', () => {
  test.each<[string, string, (json: Json) => void, RegExp]>([
    [someTrace, 'a final id', (v) => v.final_ids.splice(-1, 1, 0), /^final id at \d+ is \d+, recorded 0$/],
    [someTrace, 'a missing final id', (v) => v.final_ids.pop(), /^\d+ final ids, recorded \d+$/],
    [someTrace, 'the NFE', (v) => (v.nfe += 1), /^NFE \d+, recorded \d+$/],
    [
      someTrace,
      'a committed pair',
      (v) => (v.steps[3].unmasked = [[0, 5]]),
      /^step 3 unmasked .*recorded \[\[0,5\]\]$/,
    ],
    [someTrace, 'a missing step', (v) => v.steps.pop(), /^\d+ steps, recorded \d+$/],
    [
      someTrace,
      'a row count',
      (v) => (v.extra.selected[0][3] += 1),
      /^step \d+ layer \d+ computed \d+ rows, recorded/,
    ],
    [someReading, 'a budget', (v) => (v.extra.dcu[2].budgets[1] += 1), /^step 3 budgets .*recorded/],
    [
      someReading,
      'an updated count',
      (v) => (v.extra.dcu[2].updated[1] += 1),
      /^step 3 layer 1 computed \d+ rows, recorded \d+$/,
    ],
    [
      someReading,
      'a layer mean',
      (v) => (v.extra.dcu[2].s[1] *= 1.01),
      /^step 3 layer 1 mean distance .*recorded/,
    ],
    [someTrace, 'a wrong parameter', (v) => (v.params.layer_budget = 'many'), /^params: layerBudget: /],
    [
      someTrace,
      'a prompt of other ids',
      (v) => (v.prompt_ids[0] = (v.prompt_ids[0] + 1) % 300),
      /unmasked|computed/,
    ],
  ])('%s with %s', async (file, _what, change, reason) => {
    const outcome = await changed(file, change);
    expect(outcome).toEqual({ state: 'failed', reason: expect.stringMatching(reason) });
  });

  test('logits', async () => {
    const full = 'logits_full-tiny-llada-a.json';
    const off = await changed(full, (v) => (v.inputs[1].logits[4][7] += 0.002));
    expect(off).toEqual({
      state: 'failed',
      reason: expect.stringMatching(/^input 1: logits differ by 0\.00[12]/),
    });
    const lost = await changed(full, (v) => v.inputs[0].logits.pop());
    expect(lost).toEqual({ state: 'failed', reason: 'input 0: logits differ by Infinity' });
    const calls = files.find((name) => name.startsWith('logits_calls-dynamicdllm_released'))!;
    const argmax = await changed(calls, (v) => (v.calls[3].argmax[2] += 1));
    expect(argmax).toEqual({
      state: 'failed',
      reason: expect.stringMatching(/^call 3 position \d+: argmax/),
    });
    const sum = await changed(calls, (v) => (v.calls[9].logsumexp[1] += 0.01));
    expect(sum).toEqual({
      state: 'failed',
      reason: expect.stringMatching(/^call 9 position \d+: logsumexp/),
    });
  });
});

describe('a vector of a method that is not built', () => {
  test.each([
    'sparsedllm.llada',
    'no.such.method',
    'constructor',
    '__proto__',
  ])('%s is skipped', async (method) => {
    const outcome = await changed(someTrace, (v) => (v.method = method));
    expect(outcome).toEqual({ state: 'skipped', reason: `method ${method} is not built yet` });
  });
});

describe('a file that is no vector', () => {
  test.each([
    ['', /^not JSON \(/],
    ['{"id": "x", ', /^not JSON \(/],
    ['null', /^not a trace vector: /],
    ['[]', /^not a trace vector: /],
    ['"text"', /^not a trace vector: /],
    ['{"calls": []}', /^not a logits-calls vector: \w+: /],
    ['{"inputs": []}', /^not a logits-full vector: \w+: /],
  ])('%s', (text, reason) => {
    expect(parseVector(text)).toMatch(reason);
  });

  test.each([
    'id',
    'model',
    'method',
    'params',
    'prompt_ids',
    'final_ids',
    'nfe',
    'steps',
  ])('a trace without %s is named', async (field) => {
    expect(await changed(someTrace, (v) => delete v[field])).toMatch(
      new RegExp(`^not a trace vector: ${field}: `),
    );
  });

  test.each<[string, (json: Json) => void, RegExp]>([
    ['a negative id', (v) => (v.prompt_ids[1] = -1), /prompt_ids\.1: /],
    ['a fractional id', (v) => (v.final_ids[0] = 1.5), /final_ids\.0: /],
    ['a pair of three', (v) => v.steps[0].unmasked[0].push(1), /steps\.0\.unmasked\.0/],
    ['no response', (v) => (v.params.gen_length = 0), /params\.gen_length: /],
  ])('%s', async (_what, change, reason) => {
    expect(await changed(someTrace, change)).toMatch(reason);
  });
});
