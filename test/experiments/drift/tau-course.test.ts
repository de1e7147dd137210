import { expect, test } from 'vitest';
import type { TraceStep } from '../../../src/decoding/trace.js';
import { TauCourses } from '../../../src/experiments/drift/tau-course.js';

const key = { benchmark: 'gsm8k', method: 'paper', tau0: 0.9, alpha: 0.001, beta: 0.0008 };

function steps(...taus: readonly (readonly number[])[]): TraceStep[] {
  return taus.map((own, step) => ({
    step,
    committed: [],
    thresholds: { positions: Int32Array.from(own.keys()), taus: Float64Array.from(own) },
  }));
}

test('thresholds are pooled over samples and positions, step by step', () => {
  const courses = new TauCourses();
  courses.add(key, steps([0.9, 0.9, 0.9], [0.8, 0.6]));
  courses.add(key, steps([0.9], [0.7], [], [0.5]));
  courses.add({ ...key, method: 'other' }, steps([1]));
  const { tables, shown } = courses.result();
  const rows = tables[0]!.rows;
  expect(rows.filter(({ method }) => method === 'paper')).toEqual([
    { ...key, step: 0, samples: 2, n: 4, mean: 0.9, q25: 0.9, median: 0.9, q75: 0.9 },
    {
      ...{ ...key, step: 1, samples: 2, n: 3 },
      ...{ mean: expect.closeTo(0.7, 12), q25: expect.closeTo(0.65, 12), median: 0.7 },
      q75: expect.closeTo(0.75, 12),
    },
    { ...key, step: 3, samples: 1, n: 1, mean: 0.5, q25: 0.5, median: 0.5, q75: 0.5 },
  ]);
  expect(shown.rows).toEqual([
    [...['gsm8k', 'paper', '0.001', '0.0008', '3.0'], ...['0.9000', '-', '-', '-', '-'], '0.5000 (3)'],
    [...['gsm8k', 'other', '0.001', '0.0008', '1.0'], ...['1.0000', '-', '-', '-', '-'], '1.0000 (0)'],
  ]);
});
