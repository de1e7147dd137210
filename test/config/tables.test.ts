import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLayers } from '../../src/config/experiment-file.js';
import { planExperiment } from '../../src/config/plan-experiment.js';
import { cellSha256 } from '../../src/config/resolve-experiment.js';
import { packageRoot } from '../../src/paths.js';

type Cells = Readonly<Record<string, string>>;

/** Hashes of the cells of each table as they were before files could extend, override and sweep. */
const before = JSON.parse(
  readFileSync(join(packageRoot, 'test', 'fixtures', 'config', 'table-cells.json'), 'utf8'),
) as Record<string, Cells>;

describe.each(Object.keys(before))('%s', (id) => {
  const { points } = planExperiment(id);
  const [{ experiment }] = points;

  test('decides its numbers by the same settings as ever', () => {
    expect(points).toHaveLength(1);
    const cells = experiment.benchmarks.flatMap((benchmark) =>
      Object.keys(experiment.methods).map((method) => [
        `${benchmark}/${method}`,
        cellSha256(experiment, benchmark, method),
      ]),
    );
    expect(Object.fromEntries(cells)).toEqual(before[id]);
  });

  test('pins version, scorer, filter, metric and data of each of its benchmarks', () => {
    const { pins = {} } = readLayers(join(packageRoot, 'configs', 'experiments', `${id}.yaml`)).value;
    expect(Object.keys(pins)).toEqual(experiment.benchmarks);
    for (const pin of Object.values(pins)) {
      expect(Object.keys(pin)).toEqual(['version', 'scorer', 'filter', 'metric', 'data']);
    }
  });
});

describe('tables on models that do not come along', () => {
  const real = ['table1', 'table2', 'table3', 'table5', 'table6', 'table7', 'table9'];

  test('each has a file with the real benchmarks at the lengths of the paper', () => {
    const longest: Record<string, number> = { table5: 1024, table6: 1024 };
    for (const id of real) {
      const { value } = readLayers(join(packageRoot, 'configs', 'experiments', `${id}-real.yaml`));
      expect(value.profile, id).toBe('lm-eval');
      const lengths = value.zip?.['generation.genLength'] ?? [value.generation?.genLength];
      expect(Math.max(...(lengths as number[])), id).toBe(longest[id] ?? 256);
    }
  });
});
