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
