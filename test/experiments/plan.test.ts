import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/experiment.js';
import { resolveExperiment } from '../../src/config/resolve-experiment.js';
import { interleaved, planBenchmarks } from '../../src/experiments/plan.js';
import { Eta } from '../../src/experiments/progress.js';

describe('the order of work', () => {
  const experiment = resolveExperiment(loadExperiment('table1'), { limit: 8, benchmarks: ['gsm8k', 'mmlu'] });
  const methods = Object.keys(experiment.methods);
  const order = [...interleaved(planBenchmarks(experiment), methods)];

  it('does every method of a sample before the next sample, starting with another one each time', () => {
    expect(order).toHaveLength(2 * 8 * methods.length);
    for (let i = 0; i < order.length; i += methods.length) {
      const round = order.slice(i, i + methods.length);
      expect(new Set(round.map(({ sample }) => sample.id)).size).toBe(1);
      expect(new Set(round.map(({ method }) => method))).toEqual(new Set(methods));
    }
    const firsts = order.filter((_, i) => i % methods.length === 0).slice(0, methods.length);
    expect(firsts.map(({ method }) => method)).toEqual(methods);
  });
});

describe('the time that is left', () => {
  it('is unknown at first, then goes by the mean of each cell and by the overall mean for new ones', () => {
    const eta = new Eta();
    expect(eta.remainingMs(new Map([['a', 2]]))).toBeUndefined();
    eta.add('a', 100);
    eta.add('a', 300);
    eta.add('b', 1000);
    const left = new Map([
      ['a', 2],
      ['b', 1],
      ['c', 3],
    ]);
    expect(eta.remainingMs(left)).toBeCloseTo(2 * 200 + 1000 + 3 * (1400 / 3));
  });
});
