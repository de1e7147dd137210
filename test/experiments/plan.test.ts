import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/experiment.js';
import { type ExperimentPlan, singlePoint } from '../../src/config/experiment-plan.js';
import { parseOverride } from '../../src/config/overrides.js';
import { resolveExperiment } from '../../src/config/resolve-experiment.js';
import { interleaved, planGroups } from '../../src/experiments/plan.js';
import { Eta } from '../../src/experiments/progress.js';
import { parseShard, rejoin } from '../../src/experiments/shard.js';

const table1 = loadExperiment('table1');
const small = { limit: 8, benchmarks: ['gsm8k', 'mmlu'] };
const plan = singlePoint(resolveExperiment(table1, small));
const planned = await planGroups(plan);

describe('the order of work', () => {
  const groups = planned;
  const cells = groups[0]!.cells.map(({ label }) => label);
  const order = [...interleaved(groups)];

  it('does every method of a sample before the next sample, starting with another one each time', () => {
    expect(order).toHaveLength(2 * 8 * cells.length);
    for (let i = 0; i < order.length; i += cells.length) {
      const round = order.slice(i, i + cells.length);
      expect(new Set(round.map(({ sample }) => sample.id)).size).toBe(1);
      expect(new Set(round.map(({ cell }) => cell.label))).toEqual(new Set(cells));
    }
    const firsts = order.filter((_, i) => i % cells.length === 0).slice(0, cells.length);
    expect(firsts.map(({ cell }) => cell.label)).toEqual(cells);
  });
});

describe('the cells of a sweep', () => {
  const point = (params: ExperimentPlan['points'][number]['params']) => ({
    params,
    experiment: resolveExperiment(table1, {
      ...small,
      methods: ['dynamic-dllm'],
      benchmarks: ['gsm8k'],
      overrides: Object.entries(params).map(([path, value]) =>
        parseOverride(`${path.replace('method.', 'methods.dynamic-dllm.')}=${value}`),
      ),
    }),
  });
  const sweep = (...points: ReturnType<typeof point>[]): ExperimentPlan => ({
    id: 'sweep',
    title: 'Sweep',
    points: points as unknown as ExperimentPlan['points'],
  });
  const budget = 'method.cache.layerBudget';

  it('what a parameter does not concern is one cell, named without it', async () => {
    const groups = await planGroups(sweep(point({ [budget]: 8 }), point({ [budget]: 16 })));
    expect(groups).toHaveLength(1);
    expect(
      groups[0]!.cells.map(({ id, label, params, baseline }) => ({ id, label, params, baseline })),
    ).toEqual([
      { id: 'gsm8k/vanilla', label: 'vanilla', params: {}, baseline: 'gsm8k/vanilla' },
      ...[8, 16].map((rows) => ({
        id: `gsm8k/dynamic-dllm[${budget}=${rows}]`,
        label: `dynamic-dllm[${budget}=${rows}]`,
        params: { [budget]: rows },
        baseline: 'gsm8k/vanilla',
      })),
    ]);
  });

  it('a parameter of the canvas makes a baseline of its own', async () => {
    const length = 'generation.genLength';
    const steps = { 'generation.steps': 32 };
    const points = [32, 64].map((tokens) => point({ [length]: tokens, ...steps }));
    const [group] = await planGroups(sweep(...points));
    expect(group!.cells.map(({ id, baseline }) => [id, baseline])).toEqual(
      [32, 64].flatMap((tokens) => {
        const name = `[${length}=${tokens},generation.steps=32]`;
        return ['vanilla', 'dynamic-dllm'].map((id) => [`gsm8k/${id}${name}`, `gsm8k/vanilla${name}`]);
      }),
    );
  });

  it('seeds and limits have columns of their own and make groups', async () => {
    const groups = await planGroups(sweep(point({ seed: 1 }), point({ seed: 2 })));
    expect(groups.map(({ seed, cells }) => [seed, cells.map(({ id, label }) => [id, label])])).toEqual(
      [1, 2].map((seed) => [seed, ['vanilla', 'dynamic-dllm'].map((id) => [`gsm8k/${id}@seed=${seed}`, id])]),
    );
  });
});

describe('shards', () => {
  it.each([1, 2, 3, 8, 20])('%i of them have every sample once, and rejoin in order', async (of) => {
    const whole = planned[0]!.samples.map(({ id }) => id);
    const parts: string[][] = [];
    for (let index = 1; index <= of; index++) {
      const [group] = await planGroups(plan, { index, of });
      parts.push(group!.samples.map(({ id }) => id));
    }
    expect(rejoin(parts)).toEqual(whole);
    expect(
      Math.max(...parts.map((part) => part.length)) - Math.min(...parts.map((part) => part.length)),
    ).toBeLessThan(2);
  });

  it.each(['', '0/2', '3/2', '1', '1/0', 'a/b', '-1/2', '1/2/3'])('"%s" is refused', (text) => {
    expect(() => parseShard(text)).toThrow(/write k\/n with k from 1 to n/);
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
