import { describe, expect, test } from 'vitest';
import { planExperiment } from '../../src/config/plan-experiment.js';
import { sweepAxes } from '../../src/config/sweep-axes.js';
import { planOf, refusalOf, small } from './plan-text.js';

describe('the axes of a sweep', () => {
  test('of a grid are its paths, in the order of the file', () => {
    expect(sweepAxes(planExperiment('table7').points)).toEqual([
      { paths: ['method.unmask.alpha'], values: [[0.001], [0.01], [0.1]] },
      { paths: ['method.unmask.beta'], values: [[0.0008], [0.008], [0.08]] },
    ]);
  });

  test('of paths in step are one', () => {
    expect(sweepAxes(planExperiment('table6').points)).toEqual([
      {
        paths: ['generation.genLength', 'generation.steps'],
        values: [
          [64, 64],
          [128, 128],
          [256, 256],
        ],
      },
    ]);
  });

  test('do not count benchmarks, and are none without a sweep', () => {
    const plan = planOf(
      'methods: [apd]\nlayout: grid\ngrid:\n  benchmark: [gsm8k, math]\n  method.unmask.tau0: [0.8, 0.9]\n',
    );
    expect(sweepAxes(plan.points).map(({ paths }) => paths)).toEqual([['method.unmask.tau0']]);
    expect(sweepAxes(planExperiment('table1').points)).toEqual([]);
  });
});

test('a grid of other than one or two parameters is refused where the file asks for it', () => {
  const three = `${small}layout: grid\ngrid:\n  seed: [1, 2]\n  limit: [1, 2]\n  generation.temperature: [0, 0.5]\n`;
  expect(refusalOf(three)).toMatch(
    /:3:9: "layout: grid" needs a sweep over one or two parameters, but this one is over 3 \(seed, limit, generation\.temperature\)/,
  );
  expect(refusalOf(`${small}layout: grid\n`)).toMatch(/:3:9: .*but this one is over 0 \(nothing\)/);
});
