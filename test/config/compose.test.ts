import { describe, expect, test } from 'vitest';
import { parseOverride } from '../../src/config/overrides.js';
import { planExperiment } from '../../src/config/plan-experiment.js';
import { generationOf } from '../../src/config/resolve-experiment.js';
import { planOf, refusalOf, small } from './plan-text.js';

const only = (...args: Parameters<typeof planOf>) => planOf(...args).points[0].experiment;

describe('a short file', () => {
  test('needs a method and a benchmark, and takes the rest from the defaults', () => {
    const plan = planOf('method: dynamic-dllm\nbenchmark: gsm8k\n', {}, {}, 'My sweep_2.yaml');
    expect(plan).toMatchObject({ id: 'my-sweep-2', title: 'my-sweep-2' });
    expect(plan.points).toHaveLength(1);
    expect(plan.points[0].params).toEqual({});
    expect(plan.points[0].experiment).toMatchObject({
      layout: 'table1',
      profile: 'mini',
      seed: 1234,
      limit: 32,
      baseline: 'vanilla',
      benchmarks: ['gsm8k'],
      average: ['gsm8k'],
      groups: [{ name: 'Methods', methods: ['vanilla', 'dynamic-dllm'] }],
    });
    expect(plan.points[0].experiment.model.id).toBe('reference');
  });

  test('shows the baseline where it is listed, and averages the five of the paper', () => {
    const experiment = only('methods: [apd, vanilla]\nbenchmarks: [math, arc]\n');
    expect(experiment.groups).toEqual([{ name: 'Methods', methods: ['apd', 'vanilla'] }]);
    expect(experiment.average).toEqual(['arc']);
  });

  test('runs all samples with "limit: null", and a few with --quick', () => {
    expect(only(`${small}limit: null\n`).limit).toBeNull();
    expect(only(`${small}quick: 3\n`, { quick: true }).limit).toBe(3);
    expect(only(small, { quick: true }).limit).toBe(8);
  });
});

describe('a method entry with settings', () => {
  test('lies over the method that it uses, under its own label', () => {
    const { methods } = only(
      `benchmark: gsm8k\nmethods:\n  - dynamic-dllm-apd\n  - { use: dynamic-dllm-apd, id: narrow, cache: { layerBudget: 4 }, unmask: { alpha: 0.01 } }\n`,
    );
    expect(methods['dynamic-dllm-apd']?.cache).toMatchObject({ auto: true });
    expect(methods.narrow).toMatchObject({
      id: 'narrow',
      name: 'Dynamic-dLLM* (narrow)',
      cache: { policy: 'dcu', auto: false, layerBudget: 4, windowSize: 16 },
      unmask: { rule: 'apd', alpha: 0.01, beta: 0.0008 },
    });
  });

  test('may choose another policy, whose settings start from its own defaults', () => {
    const { methods } = only(
      'benchmark: gsm8k\nmethod: { use: dllm-cache, id: mixed, name: Mixed, cache: { windowSize: 4, policy: dcu } }\n',
    );
    expect(methods.mixed).toMatchObject({ name: 'Mixed', cache: { policy: 'dcu', windowSize: 4 } });
    expect(methods.mixed?.cache).not.toHaveProperty('promptInterval');
  });

  test('takes the settings of a preset, and yields to --set', () => {
    const text =
      'benchmark: gsm8k\nmethod: { use: dllm-cache@llada-instruct-gsm8k, id: mine, cache: { updateRatio: 0.5 } }\n';
    expect(only(text).methods.mine?.cache).toMatchObject({ responseInterval: 7, updateRatio: 0.5 });
    const overrides = [parseOverride('methods.mine.cache.updateRatio=0.1')];
    expect(only(text, { overrides }).methods.mine?.cache).toMatchObject({ updateRatio: 0.1 });
  });

  test('is chosen by its label', () => {
    const text = 'benchmark: gsm8k\nmethods: [apd, { use: apd, id: calm, unmask: { alpha: 0 } }]\n';
    const { groups, methods } = only(text, { methods: ['calm'] });
    expect(groups).toEqual([{ name: 'Methods', methods: ['calm'] }]);
    expect(Object.keys(methods)).toEqual(['vanilla', 'calm']);
  });
});

describe('overrides', () => {
  test('set by path, of one method or with the short path of all but the baseline that have the key', () => {
    const text = `${small}overrides:\n  seed: 7\n  generation.seed: 007\n  perBenchmark.math.temperature: 0.5\n  method.cache.scope: gen\n`;
    const experiment = only(text);
    expect(experiment.seed).toBe(7);
    expect(generationOf(experiment, 'math')).toMatchObject({ temperature: 0.5, seed: '7' });
    expect(generationOf(experiment, 'gsm8k').temperature).toBe(0);
    expect(experiment.methods['dynamic-dllm']?.cache).toMatchObject({ scope: 'gen', auto: true });
    expect(experiment.methods.vanilla?.cache).toEqual({ policy: 'none' });
  });

  test('about what is not chosen are left out', () => {
    const text = `${small}overrides:\n  perBenchmark.math.steps: 64\n  methods.dynamic-dllm.cache.scope: gen\n`;
    const experiment = only(text, { methods: ['apd'], benchmarks: ['gsm8k'] });
    expect(Object.keys(experiment.methods)).toEqual(['vanilla', 'apd']);
    expect(generationOf(experiment, 'gsm8k').steps).toBe(128);
  });
});

describe('extends', () => {
  test('lays the file over an experiment of the package, key by key, under its own name', () => {
    const plan = planOf('extends: table1\nseed: 5\ngeneration: { blockLength: 16 }\n');
    const table1 = planExperiment('table1').points[0].experiment;
    expect(plan).toMatchObject({ id: 'my', title: 'my' });
    expect(plan.points[0].experiment).toEqual({
      ...table1,
      id: 'my',
      title: 'my',
      seed: 5,
      generation: { ...table1.generation, blockLength: 16 },
    });
  });

  test('replaces methods and benchmarks as a whole, and drops what was said of benchmarks that are gone', () => {
    const base = `${small}average: [math, gsm8k]\nperBenchmark: { math: { steps: 64 }, gsm8k: { temperature: 1 } }\n`;
    const files = {
      'base.yaml': `groups: [{ name: A, methods: [apd] }]\n${base.replace(/^methods.*\n/, '')}`,
    };
    const experiment = only('extends: base.yaml\nmethod: dllm-cache\nbenchmark: gsm8k\n', {}, files);
    expect(experiment.groups.map(({ name }) => name)).toEqual(['Methods']);
    expect(experiment.average).toEqual(['gsm8k']);
    expect(experiment.perBenchmark).toEqual({ gsm8k: { temperature: 1 } });
  });

  test('goes on through several files, and sweeps what lower ones set', () => {
    const files = {
      'a/base.yaml': `${small}limit: 3\noverrides: { seed: 1, method.cache.scope: gen }\n`,
      'b.yaml': 'extends: a/base.yaml\nlimit: 4\n',
    };
    const { points } = planOf('extends: b.yaml\ngrid: { seed: [8, 9] }\n', {}, files);
    expect(points.map(({ experiment }) => experiment.seed)).toEqual([8, 9]);
    expect(points[1]?.experiment).toMatchObject({ limit: 4 });
    expect(points[1]?.experiment.methods['dynamic-dllm']?.cache).toMatchObject({ scope: 'gen' });
  });

  test('errors point into the file that has the value', () => {
    const files = { 'base.yaml': `${small}\ngeneration: { blockLength: 48 }\n` };
    expect(refusalOf('extends: base.yaml\nseed: 1\n', {}, files)).toMatch(
      /^base\.yaml:4:28: generation\.genLength 128 is not divisible by generation\.blockLength 48;/,
    );
    expect(refusalOf('extends: base.yaml\nmethods: [adp]\n', {}, files)).toMatch(
      /^my\.yaml:2:11: there is no/,
    );
  });

  test('circles and files that are not there are refused', () => {
    const circle = { 'b.yaml': 'extends: my.yaml\n' };
    expect([
      refusalOf('extends: my.yaml\n'),
      refusalOf('extends: b.yaml\n', {}, circle),
      refusalOf('extends: ./none.yaml\n'),
      refusalOf('extends: tabel1\n'),
    ]).toMatchInlineSnapshot(`
      [
        "my.yaml:1:10: "extends: my.yaml" leads back to a file that extends this one.",
        "b.yaml:1:10: "extends: my.yaml" leads back to a file that extends this one.",
        "my.yaml:1:10: there is no file "./none.yaml" next to this one.",
        "my.yaml:1:10: there is no experiment "tabel1", nor a file of that name; there are apd-drift, figure1, figure2, figure4, figure5, figure6, figure7, table1, table1-autotune, table1-opencompass, table1-real, table2, table2-real, table3, table3-real, table5, table5-real, table6, table6-real, table7, table7-real, table8, table9, table9-real, layer-budget, refresh, threshold. Did you mean "table1"?",
      ]
    `);
  });
});

describe('an id or a path', () => {
  test.each(['table1', 'layer-budget', 'configs/sweeps/layer-budget.yaml'])('%s is found', (name) => {
    expect(planExperiment(name).points.length).toBeGreaterThan(0);
  });

  test('that leads nowhere is refused with the nearest', () => {
    expect(() => planExperiment('layer-bugdet')).toThrow('Did you mean "layer-budget"?');
    expect(() => planExperiment('none.yaml')).toThrow('none.yaml: there is no such file.');
  });
});
