import { describe, expect, test } from 'vitest';
import { drawSvg } from '../../../src/report/charts/draw.js';
import { speedAccuracy } from '../../../src/report/charts/scatter.js';
import { rowOf } from '../rows.js';
import { runInput } from './inputs.js';
import { readBack } from './read-back.js';

const input = runInput();
const [chart] = speedAccuracy(input);

test('a mark for every method that has accuracy and speed-up, at its figures', async () => {
  const drawn = readBack(await drawSvg(chart!, { width: 900 }));
  expect(drawn.panels.map(({ title }) => title)).toEqual(['MMLU', 'GSM8K', 'Average']);
  for (const panel of drawn.panels) {
    const own = input.report.figures.filter(({ title }) => title === panel.title);
    const accuracies = own.filter(({ figure, ours }) => figure === 'accuracy' && ours !== null);
    const speeds = own.filter(({ figure, ours }) => figure === 'speedup' && ours !== null);
    const dots = panel.marks('dot');
    expect(dots).toHaveLength(accuracies.length);
    const [first, last] = [panel.xTicks[0]!, panel.xTicks.at(-1)!];
    const speedAt = (pixel: number) =>
      Number(first.text) *
      (Number(last.text) / Number(first.text)) ** ((pixel - first.x) / (last.x - first.x));
    for (const [i, dot] of dots.entries()) {
      expect(panel.yValue(dot.y)).toBeCloseTo(100 * accuracies[i]!.ours!, 0);
      expect(speedAt(dot.x)).toBeCloseTo(speeds[i]!.ours!, 1);
    }
    // A method with nothing right stands at 0 and not beside the picture.
    expect(panel.marks('label').map(({ text }) => text)).toEqual(accuracies.map(({ name }) => name));
  }
  expect(drawn.panels.map((panel) => panel.marks('y-interval').length)).toEqual([2, 3, 0]);
});

describe('labels', () => {
  const ids = Array.from({ length: 10 }, (_, i) => (i === 0 ? 'vanilla' : `method-${i}`));
  const many = runInput({
    groups: [{ name: 'All', methods: ids.map((id) => ({ id, name: `The long name of ${id}` })) }],
    benchmarks: ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ id, title: id })),
    average: [],
    // Speed-ups that nearly coincide, and one that is huge.
    summary: ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((benchmark) =>
      ids.map((id, i) => rowOf(id, benchmark, 3, i === 9 ? 0.5 : 400 - i)),
    ),
  });

  test.each([
    390, 900,
  ])('of ten methods on six benchmarks at %i pixels: numbers, none on another', async (width) => {
    const [crowded] = speedAccuracy(many);
    const { panels, texts } = readBack(await drawSvg(crowded!, { width }));
    expect(panels).toHaveLength(6);
    expect(texts).toContain('10 The long name of method-9');
    for (const panel of panels) {
      const labels = panel.marks('label');
      expect(labels.map(({ text }) => text)).toEqual(ids.map((_, i) => String(i + 1)));
      for (const [i, one] of labels.entries()) {
        for (const other of labels.slice(0, i)) {
          expect(Math.abs(one.x - other.x) > 6 || Math.abs(one.y - other.y) > 10).toBe(true);
        }
      }
    }
  });
});
