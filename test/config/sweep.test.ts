import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listExperimentFiles } from '../../src/config/experiment-file.js';
import { parseOverride } from '../../src/config/overrides.js';
import { type PlanChoice, planExperiment } from '../../src/config/plan-experiment.js';
import { experimentSha256, generationOf } from '../../src/config/resolve-experiment.js';
import { packageRoot } from '../../src/paths.js';
import { paramsOf, planOf, refusalOf, small } from './plan-text.js';

const budgets = 'grid:\n  method.cache.layerBudget: [4, 8]\n';

describe('the points of a sweep', () => {
  test('are every combination of a grid, the first path varying slowest', () => {
    const plan = planOf(`${small}grid:\n  seed: [1, 2]\n  limit: [3, 4, null]\n`);
    expect(paramsOf(plan)).toEqual(['1 3', '1 4', '1 ', '2 3', '2 4', '2 ']);
    expect(plan.points[3]).toMatchObject({
      params: { seed: 2, limit: 3 },
      experiment: { seed: 2, limit: 3 },
    });
  });

  test('go in step with zip', () => {
    const plan = planOf(`${small}zip:\n  generation.genLength: [64, 128]\n  generation.steps: [32, 64]\n`);
    expect(paramsOf(plan)).toEqual(['64 32', '128 64']);
    expect(plan.points.map(({ experiment }) => generationOf(experiment, 'math').steps)).toEqual([32, 64]);
  });

  test('are every combination of grid and zip, in the order of the file', () => {
    const grid = 'grid:\n  limit: [1, 2]\n';
    const zip = 'zip:\n  generation.genLength: [64, 128]\n  generation.steps: [64, 128]\n';
    const gridFirst = planOf(small + grid + zip);
    expect(paramsOf(gridFirst)).toEqual(['1 64 64', '1 128 128', '2 64 64', '2 128 128']);
    expect(Object.keys(gridFirst.points[0].params)).toEqual([
      'limit',
      'generation.genLength',
      'generation.steps',
    ]);
    expect(paramsOf(planOf(small + zip + grid))).toEqual(['64 64 1', '64 64 2', '128 128 1', '128 128 2']);
  });

  test('have the values in their content, and differ in their hashes', () => {
    const { points } = planOf(small + budgets);
    expect(points.map(({ experiment }) => experiment.methods['dynamic-dllm']?.cache)).toMatchObject([
      { auto: false, layerBudget: 4, windowSize: 16 },
      { auto: false, layerBudget: 8, windowSize: 16 },
    ]);
    expect(new Set(points.map(({ experiment }) => experimentSha256(experiment))).size).toBe(2);
  });

  test('a short path reaches every method but the baseline that has the key', () => {
    const text = `methods: [dllm-cache, dynamic-dllm, dynamic-dllm-apd]\nbenchmark: gsm8k\nbaseline: dynamic-dllm-released\n${budgets}`;
    const { methods } = planOf(text).points[1]!.experiment;
    expect(methods['dynamic-dllm']?.cache).toMatchObject({ layerBudget: 8 });
    expect(methods['dynamic-dllm-apd']?.cache).toMatchObject({ layerBudget: 8 });
    expect(methods['dynamic-dllm-released']?.cache).not.toMatchObject({ layerBudget: 8 });
    expect(methods['dllm-cache']?.cache).not.toHaveProperty('layerBudget');
  });

  test('may differ in model, profile and benchmark', () => {
    const text =
      'method: dynamic-dllm\ngrid:\n  model: [reference, reference-dream]\n  benchmark: [math, gsm8k]\n';
    const { points } = planOf(text);
    expect(points.map(({ experiment }) => [experiment.model.id, ...experiment.benchmarks])).toEqual([
      ['reference', 'math'],
      ['reference', 'gsm8k'],
      ['reference-dream', 'math'],
      ['reference-dream', 'gsm8k'],
    ]);
    expect(paramsOf(planOf(`${small}grid: { profile: [mini] }\n`))).toEqual(['mini']);
  });

  test('leave out what is excluded', () => {
    const text = `${small}grid:\n  seed: [1, 2]\n  limit: [3, 4]\nexclude:\n  - { seed: 1, limit: 4 }\n  - { seed: 2, limit: 3 }\n`;
    expect(paramsOf(planOf(text))).toEqual(['1 3', '2 4']);
  });

  test('all take what the command line says', () => {
    const choice: PlanChoice = {
      model: 'reference-dream',
      limit: 2,
      benchmarks: ['math'],
      overrides: [parseOverride('seed=9')],
    };
    for (const { experiment } of planOf(small + budgets, choice).points) {
      expect(experiment).toMatchObject({ limit: 2, benchmarks: ['math'], seed: 9 });
      expect(experiment.model.id).toBe('reference-dream');
    }
  });
});

describe('a flag for what is swept is refused', () => {
  const text = `${small}grid:\n  seed: [1, 2]\n  limit: [1, 2]\n  model: [reference]\n  method.cache.scope: [all, gen]\n  perBenchmark.math.temperature: [0, 1]\n`;
  const set = (assignment: string): PlanChoice => ({ overrides: [parseOverride(assignment)] });
  test.each<[string, PlanChoice, string]>([
    [
      '--set',
      set('seed=3'),
      '--set seed=3: "seed" is swept by the file (my.yaml:4:3); leave the flag out, or',
    ],
    ['--set', set('method.cache.scope=gen'), '"method.cache.scope" is swept by the file (my.yaml:7:3)'],
    ['--set', set('methods.dynamic-dllm.cache.scope=gen'), '"method.cache.scope" is swept by the file'],
    ['--limit', { limit: 3 }, '--limit: "limit" is swept by the file (my.yaml:5:3)'],
    ['--quick', { quick: true }, '--quick: "limit" is swept'],
    ['--model', { model: 'reference' }, '--model: "model" is swept'],
    ['--benchmarks', { benchmarks: ['gsm8k'] }, '--benchmarks: "perBenchmark.math.temperature" is swept'],
  ])('%s', (_, choice, message) => {
    expect(refusalOf(text, choice)).toContain(message);
  });
});

test('what a broken file is told', () => {
  const files: Record<string, string> = {
    noMethods: 'benchmark: gsm8k\n',
    noBenchmarks: 'method: apd\n',
    twoForms: `${small}groups: [{ name: A, methods: [apd] }]\n`,
    twoBenchmarkForms: `${small}benchmark: gsm8k\n`,
    entryNumber: 'methods: [3]\nbenchmark: gsm8k\n',
    entryKey: 'methods: [{ use: apd, cach: {} }]\nbenchmark: gsm8k\n',
    entryUse: 'methods: [{ id: apd }]\nbenchmark: gsm8k\n',
    entryUnknown: 'methods: [{ use: adp, id: x }]\nbenchmark: gsm8k\n',
    entrySetting: 'methods: [{ use: apd, unmask: { alhpa: 1 } }]\nbenchmark: gsm8k\n',
    entryValue: 'methods: [{ use: apd, unmask: { alpha: lots } }]\nbenchmark: gsm8k\n',
    entryTaken: 'methods: [{ use: dynamic-dllm, id: apd }]\nbenchmark: gsm8k\n',
    entryTwice: 'methods: [apd, { use: apd, unmask: { alpha: 1 } }]\nbenchmark: gsm8k\n',
    overridePath: `${small}overrides:\n  generation.blockLenght: 16\n`,
    overrideSection: `${small}overrides:\n  generation: 16\n`,
    overrideNesting: `${small}overrides:\n  generation: { blockLength: 16 }\n`,
    overrideValue: `${small}overrides:\n  generation.blockLength: many\n`,
    overrideDivides: `${small}overrides:\n  generation.blockLength: 48\n`,
    overrideAndSweep: `${small}overrides: { seed: 1 }\ngrid:\n  seed: [1]\n`,
    unfitMethod: 'methods: [apd, dkv-cache-pd]\nbenchmark: gsm8k\n',
    unknownModel: `${small}model: refrence\n`,
    oneLength: `${small}perBenchmark: { math: { genLength: 64, steps: 64 } }\noverrides:\n  method.cache.layerBudget: 4\n`,
    gridScalar: `${small}grid:\n  seed: 3\n`,
    gridEmpty: `${small}grid:\n  seed: []\n`,
    gridNested: `${small}grid:\n  seed: [[1]]\n`,
    gridPath: `${small}grid:\n  method.cache.layerBudgt: [1, 2]\n`,
    gridNoMethod: `${small}grid:\n  method.unmask.tau: [0.8]\n`,
    gridNotRunning: `${small}grid:\n  methods.apd.unmask.alpha: [0.8]\n`,
    gridType: `${small}grid:\n  seed: [1, x]\n`,
    gridRange: `${small}grid:\n  method.cache.layerBudget: [4, -1]\n`,
    gridChoice: `${small}grid:\n  method.cache.scope: [all, gem]\n`,
    gridDivides: `${small}grid:\n  seed: [1, 2]\n  generation.blockLength: [16, 48]\n`,
    gridModel: `${small}grid:\n  model: [reference, refrence-dream]\n`,
    gridBenchmark: `method: apd\ngrid:\n  benchmark: [gsm8k, maths]\n`,
    gridBenchmarkOutside: `${small}grid:\n  benchmark: [gsm8k, arc]\n`,
    gridProfile: `${small}grid:\n  profile: [mini, maxi]\n`,
    gridMeasure: `${small}grid:\n  measure.timing: [true, false]\n`,
    gridBenchmarks: `${small}grid:\n  benchmarks: [gsm8k]\n`,
    gridTwice: `${small}grid:\n  seed: [1, 2, 1]\n`,
    zipLength: `${small}zip:\n  seed: [1, 2]\n  limit: [1, 2, 3]\n`,
    zipAndGrid: `${small}grid:\n  seed: [1]\nzip:\n  seed: [1]\n`,
    excludePath: `${small}grid:\n  limit: [1, 2]\nexclude:\n  - { limits: 1 }\n`,
    excludeNothing: `${small}grid:\n  limit: [1, 2]\nexclude:\n  - { limit: 3 }\n`,
    excludeAll: `${small}grid:\n  limit: [1]\nexclude:\n  - { limit: 1 }\n`,
    pinVersion: `${small}pins:\n  gsm8k: { version: 2 }\n`,
    pinScorer: `${small}pins:\n  gsm8k: { version: 1, scorer: flexible-extract }\n`,
    pinFilter: `${small}pins:\n  gsm8k: { version: 1, filter: boxxed }\n`,
    pinData: `${small}pins:\n  gsm8k: { version: 1, data: ${'f'.repeat(64)} }\n`,
    pinBenchmark: `${small}pins:\n  arcc: { version: 1 }\n`,
  };
  const told = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, refusalOf(text)]));
  expect(told).toMatchInlineSnapshot(`
    {
      "entryKey": "my.yaml:1:23: unknown key "methods[0].cach". Did you mean "cache"?",
      "entryNumber": "my.yaml:1:11: "methods[0]" is 3, but it must be text (put it in quotes) or a section of "key: value" lines.",
      "entrySetting": "my.yaml:1:33: there is no setting "methods.apd.unmask.alhpa". Did you mean "methods.apd.unmask.alpha"?",
      "entryTaken": "my.yaml:1:36: "apd" is the id of another method; choose a label of your own for dynamic-dllm.",
      "entryTwice": "my.yaml:1:16: method "apd" is listed twice; give this one an id of its own.",
      "entryUnknown": "my.yaml:1:18: there is no method "adp". Did you mean "apd"?",
      "entryUse": "my.yaml:1:11: "methods[0].use" is missing.",
      "entryValue": "my.yaml:1:40: "methods.apd.unmask.alpha" is "lots", but it must be a number.",
      "excludeAll": "my.yaml:6:3: "exclude" leaves no point of the sweep.",
      "excludeNothing": "my.yaml:6:5: no point of the sweep has these values.",
      "excludePath": "my.yaml:6:15: "limits" is not swept. Did you mean "limit"?",
      "gridBenchmark": "my.yaml:3:22: There is no benchmark "maths"; there are arc, gpqa, gpqa_diamond, gsm8k, gsm8k_cot, hendrycks_math, humaneval, humaneval_fast, humaneval_instruct, math, mmlu. Did you mean "math"?",
      "gridBenchmarkOutside": "my.yaml:4:22: there is no benchmark "arc". Known: gsm8k, math.",
      "gridBenchmarks": "my.yaml:4:15: "benchmarks" cannot be swept: it decides no number of a cell. Did you mean "benchmark"?",
      "gridChoice": "my.yaml:4:29: "methods.dynamic-dllm.cache.scope" is "gem", but it must be one of all, gen. Did you mean "gen"?",
      "gridDivides": "my.yaml:5:32: point (seed=1, generation.blockLength=48): generation.genLength 128 is not divisible by generation.blockLength 48; use for example --block-length 32 (or --set generation.blockLength=32).",
      "gridEmpty": "my.yaml:4:9: "grid.seed" is [], but it must be a list that is not empty.",
      "gridMeasure": "my.yaml:4:19: "measure.timing" cannot be swept: it decides no number of a cell.",
      "gridModel": "my.yaml:4:22: point (model=refrence-dream): there is no model "refrence-dream": neither an id (dream-7b-base, dream-7b-instruct, llada-1-5, llada-8b-base, llada-8b-instruct, reference, reference-dream) nor a folder with config.json and model.safetensors. Did you mean "reference-dream"?",
      "gridNested": "my.yaml:4:10: "grid.seed[0]" is [1], but it must be text (put it in quotes) or a number or true or false or null.",
      "gridNoMethod": "my.yaml:4:3: none of the methods beside the baseline (dynamic-dllm) has a setting "method.unmask.tau". Did you mean "method.unmask.rule"?",
      "gridNotRunning": "my.yaml:4:3: there is no setting "methods.apd.unmask.alpha". Settings: seed, limit, generation.*, perBenchmark.*, measure.*, engine.*, methods.*.",
      "gridPath": "my.yaml:4:3: none of the methods beside the baseline (dynamic-dllm) has a setting "method.cache.layerBudgt". Did you mean "method.cache.layerBudget"?",
      "gridProfile": "my.yaml:4:19: Benchmark gsm8k has no profile "maxi"; it has lm-eval, mini, opencompass, opencompass-llada. Did you mean "mini"?",
      "gridRange": "my.yaml:4:33: "methods.dynamic-dllm.cache.layerBudget" is -1, but it must be at least 0.",
      "gridScalar": "my.yaml:4:9: "grid.seed" is 3, but it must be a list.",
      "gridTwice": "my.yaml:4:16: the points (seed=1) and (seed=1) are the same experiment; leave one out.",
      "gridType": "my.yaml:4:13: "seed" is "x", but it must be a whole number.",
      "noBenchmarks": "my.yaml:1:1: "benchmarks" is missing; write for example "benchmarks: [gsm8k]".",
      "noMethods": "my.yaml:1:1: "methods" is missing; write for example "methods: [dynamic-dllm]", or "groups".",
      "oneLength": "my.yaml:5:29: benchmarks differ in genLength (128, 64), so set auto=false, layerBudget and windowSize of methods.dynamic-dllm.cache together.",
      "overrideAndSweep": "my.yaml:5:9: "seed" is swept here and set by "overrides" (my.yaml:3:14); keep one of them.",
      "overrideDivides": "my.yaml:4:27: generation.genLength 128 is not divisible by generation.blockLength 48; use for example --block-length 32 (or --set generation.blockLength=32).",
      "overrideNesting": "my.yaml:4:15: "overrides.generation" is {"blockLength":16}, but it must be text (put it in quotes) or a number or true or false or null.",
      "overridePath": "my.yaml:4:3: there is no setting "generation.blockLenght". Did you mean "generation.blockLength"?",
      "overrideSection": "my.yaml:4:3: "generation" is a section; set one of its keys: genLength, blockLength, steps, temperature, cfg, remasking, seed, logitsEosInf, confidenceEosEotInf, longCanvas, dream.",
      "overrideValue": "my.yaml:4:27: "generation.blockLength" is "many", but it must be a whole number.",
      "pinBenchmark": "my.yaml:4:9: there is no benchmark "arcc". Known: gsm8k, math.",
      "pinData": "my.yaml:4:30: "pins.gsm8k.data" is "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", but tasks/mini/gsm8k.test.jsonl has the sha256 3cfb62240736405b5e17a425c45a1bc149d94041fc421b9e06c00617ef43ed03: numbers would not compare with earlier ones; undo the change of the task, or change the pin.",
      "pinFilter": "my.yaml:4:32: "pins.gsm8k.filter" is "boxxed", but it must be one of regex, gsm8k, last-number, choice-stated, first-capital, first-option, multi-choice, boxed, boxed-or-sentence, between-dollars, final-answer, code, whole. Did you mean "boxed"?",
      "pinScorer": "my.yaml:4:32: "pins.gsm8k.scorer" is "flexible-extract", but tasks/gsm8k.mini.yaml has "strict-match": numbers would not compare with earlier ones; undo the change of the task, or change the pin.",
      "pinVersion": "my.yaml:4:21: "pins.gsm8k.version" is 2, but tasks/gsm8k.mini.yaml has 1: numbers would not compare with earlier ones; undo the change of the task, or change the pin.",
      "twoBenchmarkForms": "my.yaml:3:12: "benchmark" and "benchmarks" say the same; keep one of them.",
      "twoForms": "my.yaml:1:10: "groups" and "methods" say the same; keep one of them.",
      "unfitMethod": "my.yaml:1:16: method "dkv-cache-pd" on gsm8k: cache policy "dkv-pd" is defined for dream models only, and this model is of family llada.",
      "unknownModel": "my.yaml:3:8: there is no model "refrence": neither an id (dream-7b-base, dream-7b-instruct, llada-1-5, llada-8b-base, llada-8b-instruct, reference, reference-dream) nor a folder with config.json and model.safetensors. Did you mean "reference"?",
      "zipAndGrid": "my.yaml:6:9: "seed" is swept by "grid" (my.yaml:4:3) already.",
      "zipLength": "my.yaml:5:10: "zip.limit" has 3 values, but "zip.seed" has 2; lists in step need one length.",
    }
  `);
});

describe('the sweeps of the package', () => {
  test.each(listExperimentFiles('sweeps'))('%s has several points and runs in minutes', (id) => {
    const { points } = planExperiment(id);
    expect(points.length).toBeGreaterThan(1);
    expect(points.every(({ experiment }) => experiment.limit !== null && experiment.limit <= 16)).toBe(true);
  });

  test('no id stands for two files', () => {
    const ids = ['experiments', 'sweeps'].flatMap((folder) =>
      readdirSync(join(packageRoot, 'configs', folder)),
    );
    expect(ids.length).toBeGreaterThan(5);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
