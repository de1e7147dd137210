import { describe, expect, test } from 'vitest';
import { drawSvg } from '../../../src/report/charts/draw.js';
import { speedBars, speedupBars } from '../../../src/report/charts/speed-bars.js';
import { runInput } from './inputs.js';
import { readBack } from './read-back.js';

describe('speed of methods', () => {
  const input = runInput();
  const [chart] = speedBars(input);

  test('a bar for every speed of the report, as long as it is fast', async () => {
    const drawn = readBack(await drawSvg(chart!, { width: 900 }));
    expect(drawn.panels.map(({ title }) => title)).toEqual(['MMLU', 'GSM8K', 'Average']);
    for (const panel of drawn.panels) {
      const figures = input.report.figures.filter(
        ({ figure, title }) => figure === 'tps' && title === panel.title,
      );
      const known = figures.filter(({ ours }) => ours !== null);
      const bars = panel.marks('bar');
      expect(bars).toHaveLength(known.length);
      for (const [i, bar] of bars.entries()) {
        expect(panel.xValue(bar.x)).toBeCloseTo(0, 1);
        expect(panel.xValue(bar.x2)).toBeCloseTo(known[i]!.ours!, 0);
      }
      expect(panel.yTicks.map(({ text }) => text)).toEqual(['baseline', 'Dynamic-dLLM', 'Dynamic-dLLM*']);
      expect(panel.marks('value').map(({ text }) => text)).toEqual(
        figures.map(({ ours, remark }) => {
          const mark = remark.includes('precision not reached') ? '~' : '';
          return ours === null ? '-' : `${mark}${ours.toFixed(1)}`;
        }),
      );
    }
  });

  test('whiskers where there are intervals, none for an average', async () => {
    const { panels } = readBack(await drawSvg(chart!, { width: 900 }));
    expect(panels.map((panel) => panel.marks('interval').length)).toEqual([2, 3, 0]);
    const [whisker] = panels[0]!.marks('interval');
    expect(panels[0]!.xValue(whisker!.x)).toBeCloseTo(9, 1);
    expect(panels[0]!.xValue(whisker!.x2)).toBeCloseTo(11, 1);
  });

  test('the subtitle names n, model, device and date', () => {
    expect(chart!.subtitle).toBe(
      'table1; n = 4 samples a benchmark; model reference; A processor (2 cores); 2026-11-25',
    );
    const { cells } = runInput().manifest;
    const one = { cells: cells.map((cell) => ({ ...cell, samples: 1 })), shard: { index: 1, of: 2 } };
    expect(speedBars(runInput({}, one))[0]!.subtitle).toContain(
      'n = 1 sample a benchmark, of which part 1 of 2',
    );
    expect(speedBars(runInput({}, { state: 'interrupted' }))[0]!.subtitle).toContain('not finished');
  });

  test('no picture of a run that measured no speed', () => {
    const none = input.report.figures.map((figure) => ({ ...figure, ours: null }));
    expect(speedBars({ ...input, report: { ...input.report, figures: none } })).toEqual([]);
  });
});

describe('published speed-ups', () => {
  test('of another model: in words, not drawn', async () => {
    const [chart] = speedupBars(runInput());
    const drawn = readBack(await drawSvg(chart!, { width: 900 }));
    expect(drawn.panels.flatMap((panel) => panel.marks('published'))).toEqual([]);
    expect(chart!.notes.at(-1)).toBe(
      'published for another model, not drawn: Dynamic-dLLM on GSM8K 4.48x (stated); source: the paper',
    );
  });

  test('of the same model: a dashed line in the row of the method', async () => {
    const [chart] = speedupBars({ ...runInput(), publishedModels: ['reference'] });
    const drawn = readBack(await drawSvg(chart!, { width: 390 }));
    const panel = drawn.panels.find(({ title }) => title === 'GSM8K')!;
    const [mark, ...others] = panel.marks('published');
    expect(others).toEqual([]);
    expect(panel.xValue(mark!.x)).toBeCloseTo(4.48, 1);
    const bar = panel.marks('bar')[1]!;
    expect([mark!.y, mark!.y2]).toEqual([bar.y, bar.y2]);
    expect(drawn.texts).toContain('published');
  });
});
