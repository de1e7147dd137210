import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTask } from '../../src/tasks/library.js';
import { selectSamples } from '../../src/tasks/select.js';

const mmlu = await loadTask('mmlu', 'mini').samples();
const ids = (limit: number | undefined, seed: number) => selectSamples(mmlu, limit, seed).map(({ id }) => id);

describe('selectSamples', () => {
  it('gives a prefix for a smaller limit', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.integer(), (a, b, seed) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)];
        expect(ids(small, seed)).toEqual(ids(large, seed).slice(0, small));
      }),
      { numRuns: 20 },
    );
  });

  it('is a permutation of all samples without a limit', () => {
    expect(ids(undefined, 7).sort()).toEqual(mmlu.map(({ id }) => id).sort());
  });

  it('does not depend on the order of the file, but on the seed', () => {
    const reversed = selectSamples([...mmlu].reverse(), 40, 1).map(({ id }) => id);
    expect(reversed).toEqual(ids(40, 1));
    expect(ids(40, 2)).not.toEqual(ids(40, 1));
  });

  it('spreads over the subjects: no subject has two before every subject has one', () => {
    const subjects = new Set(mmlu.map(({ meta }) => meta.group));
    expect(subjects.size).toBeGreaterThan(1);
    const first = selectSamples(mmlu, subjects.size, 3);
    expect(new Set(first.map(({ meta }) => meta.group)).size).toBe(subjects.size);
  });
});
