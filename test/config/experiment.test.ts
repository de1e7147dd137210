import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/config/canonical.js';
import { loadExperiment } from '../../src/config/experiment.js';
import { parseOverride } from '../../src/config/overrides.js';
import {
  type ExperimentChoice,
  experimentSha256,
  generationOf,
  resolveExperiment,
} from '../../src/config/resolve-experiment.js';

const table1 = loadExperiment('table1');
const resolve = (choice: ExperimentChoice = {}) => resolveExperiment(table1, choice);
const set = (...assignments: string[]) => resolve({ overrides: assignments.map(parseOverride) });

describe('table1', () => {
  test('has the rows and columns of the paper, MATH beside the average', () => {
    const { groups, baseline, benchmarks, average, model, methods } = resolve();
    expect(groups.map(({ methods }) => methods)).toEqual([
      ['vanilla', 'dkv-cache', 'dllm-cache', 'fast-dllm', 'dynamic-dllm'],
      ['fast-dllm-dual-parallel', 'dynamic-dllm-apd'],
    ]);
    expect(baseline).toBe('vanilla');
    expect(benchmarks.filter((id) => !average.includes(id))).toEqual(['math']);
    expect(average).toHaveLength(5);
    expect(model).toMatchObject({ id: 'reference', titleNote: 'reference model' });
    expect(Object.keys(methods).sort()).toEqual(groups.flatMap(({ methods }) => methods).sort());
  });

  test('is plain JSON, with the same hash in any key order', () => {
    const config = resolve();
    const copy = JSON.parse(canonicalJson(config)) as typeof config;
    expect(copy).toEqual(config);
    const reversed = Object.fromEntries(Object.entries(copy).reverse()) as unknown as typeof config;
    expect(experimentSha256(reversed)).toBe(experimentSha256(config));
  });

  test('the folder of the model does not enter the hash, its id and every setting do', () => {
    const config = resolve();
    const elsewhere = { ...config, model: { ...config.model, dir: '/elsewhere' } };
    expect(experimentSha256(elsewhere)).toBe(experimentSha256(config));
    const hashes = [
      config,
      { ...config, model: { ...config.model, id: 'other' } },
      resolve({ limit: 3 }),
      resolve({ methods: ['vanilla'] }),
      resolve({ benchmarks: ['gsm8k'] }),
      set('seed=5'),
      set('generation.blockLength=16'),
      set('perBenchmark.gsm8k.blockLength=16'),
      set('methods.dynamic-dllm.cache.scope=gen'),
    ].map(experimentSha256);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('subsets keep the order of the file, and the baseline runs though it is not shown', () => {
    const config = resolve({ methods: ['dynamic-dllm-apd'], benchmarks: ['math', 'arc'] });
    expect(config.groups).toEqual([{ name: 'Parallel decoding', methods: ['dynamic-dllm-apd'] }]);
    expect(Object.keys(config.methods)).toEqual(['vanilla', 'dynamic-dllm-apd']);
    expect(config.benchmarks).toEqual(['arc', 'math']);
    expect(config.average).toEqual(['arc']);
  });

  test.each([
    [{ methods: ['vanila'] }, 'there is no method "vanila". Did you mean "vanilla"?'],
    [{ methods: [] }, '--methods: name one method at least'],
    [
      { methods: ['dllm-cache@gsm'] },
      'method "dllm-cache" has no preset "gsm". "repro explain dllm-cache" lists its 36 presets.',
    ],
    [{ methods: ['apd@demo'] }, 'method "apd" has no preset "demo". It has none.'],
    [
      { methods: ['dkv-cache-pd'] },
      'method "dkv-cache-pd" on mmlu: cache policy "dkv-pd" is defined for dream models only',
    ],
    [{ benchmarks: ['gsm'] }, '--benchmarks: table1 has no benchmark "gsm"; it has mmlu, arc,'],
    [{ limit: 1.5 }, '--limit 1.5: "limit" is 1.5, but it must be a whole number.'],
    [{ limit: 0 }, '--limit 0: "limit" is 0, but it must be at least 1.'],
    [{ model: 'referenz' }, 'there is no model "referenz"'],
  ])('%o is refused', (choice, message) => {
    expect(() => resolve(choice)).toThrow(message);
  });
});

describe('generation settings of a benchmark', () => {
  test('the exception of a benchmark lies over the experiment, that over the task file, all over defaults', () => {
    const task = resolveExperiment({ ...table1, generation: undefined });
    expect(generationOf(task, 'arc')).toMatchObject({ ...task.taskGeneration.arc, temperature: 0 });
    const config = set(
      'generation.genLength=64',
      'generation.steps=64',
      'perBenchmark.humaneval.genLength=256',
      'perBenchmark.humaneval.steps=256',
    );
    expect(generationOf(config, 'arc')).toMatchObject({ genLength: 64, steps: 64, blockLength: 32 });
    expect(generationOf(config, 'humaneval')).toMatchObject({ genLength: 256, steps: 256, blockLength: 32 });
  });

  test("Dream's settings are laid over each other one by one", () => {
    expect(generationOf(resolve(), 'arc').dream).toMatchObject({ alg: 'entropy', topP: 1, eps: 1e-3 });
    const config = set(
      'generation.dream.alg=maskgit-plus',
      'generation.dream.topP=0.9',
      'perBenchmark.math.dream.topP=0.5',
    );
    expect(generationOf(config, 'arc').dream).toMatchObject({ alg: 'maskgit-plus', topP: 0.9, eps: 1e-3 });
    expect(generationOf(config, 'math').dream).toMatchObject({ alg: 'maskgit-plus', topP: 0.5, eps: 1e-3 });
  });

  test('the seed of the experiment is the seed of the noise, unless that is set', () => {
    expect(generationOf(set('seed=77'), 'arc').seed).toBe('77');
    expect(generationOf(set('seed=77', 'generation.seed=a'), 'arc').seed).toBe('a');
  });

  test('lengths that do not divide are refused before anything runs', () => {
    expect(() => set('perBenchmark.math.blockLength=48')).toThrow(
      'generation.genLength 128 is not divisible',
    );
  });

  test('a size of DCU set by hand needs one length, or both sizes', () => {
    const one = set('methods.dynamic-dllm.cache.layerBudget=4');
    expect(one.methods['dynamic-dllm']?.cache).toMatchObject({ auto: false, layerBudget: 4, windowSize: 16 });
    expect(one.methods['dynamic-dllm-apd']?.cache).toMatchObject({ auto: true });
    const lengths = ['perBenchmark.math.genLength=64', 'perBenchmark.math.steps=64'];
    expect(() => set('methods.dynamic-dllm.cache.layerBudget=4', ...lengths)).toThrow(
      '--set methods.dynamic-dllm.cache: benchmarks differ in genLength (128, 64)',
    );
    const { methods } = set(
      'methods.dynamic-dllm.cache.layerBudget=4',
      'methods.dynamic-dllm.cache.windowSize=4',
      ...lengths,
    );
    expect(methods['dynamic-dllm']?.cache).toMatchObject({ auto: false, layerBudget: 4, windowSize: 4 });
  });

  test('a method that does not run has no settings', () => {
    expect(() => set('methods.apd.cache.policy=none')).toThrow(
      '--set methods.apd.cache.policy=none: there is no setting "methods.apd.cache.policy".',
    );
  });
});

test('the least number of rounds is no more than the most, in whatever order they are set', () => {
  const rounds = (...sets: string[]) =>
    resolveExperiment(table1, { overrides: sets.map(parseOverride) }).measure;
  const [least, most] = ['measure.minRounds=20', 'measure.maxRounds=30'] as const;
  expect(rounds(least, most)).toMatchObject({ minRounds: 20, maxRounds: 30 });
  expect(rounds(most, least)).toEqual(rounds(least, most));
  expect(() => rounds(least)).toThrow('measure.minRounds is 20, but measure.maxRounds is 15; set both.');
});
