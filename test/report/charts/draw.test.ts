import { describe, expect, test } from 'vitest';
import type { Chart } from '../../../src/report/charts/chart.js';
import { drawSvg } from '../../../src/report/charts/draw.js';
import { runCharts } from '../../../src/report/charts/run-charts.js';
import { wrap } from '../../../src/report/charts/text.js';
import { rowOf } from '../rows.js';
import { runInput } from './inputs.js';
import { readBack } from './read-back.js';

/** Methods with the given names; the first one is the baseline. */
function named(names: readonly string[]) {
  const ids = names.map((_, i) => (i === 0 ? 'vanilla' : `m${i}`));
  return runInput({
    groups: [{ name: 'All', methods: ids.map((id, i) => ({ id, name: names[i]! })) }],
    benchmarks: [{ id: 'gsm8k', title: 'GSM8K' }],
    average: [],
    summary: ids.map((id, i) => rowOf(id, 'gsm8k', 3, 400 - 50 * i)),
  });
}

describe('the file', () => {
  const nasty = 'M <b>&amp; "x" \u0007 \u{1F600}';

  test.each([390, 900])('is XML whatever names there are, %i pixels wide', async (width) => {
    for (const chart of runCharts(named(['baseline', nasty]))) {
      const svg = await drawSvg(chart, { width });
      expect(svg).toMatch(
        new RegExp(`^<svg xmlns="http://www.w3.org/2000/svg" .*viewBox="0 0 ${width} \\d+"`),
      );
      const outside = svg.replaceAll(/<\/?[a-z][^<>]*>/gi, '');
      expect(outside).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
      expect(svg).not.toContain('\u0007');
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg).not.toMatch(/(?:href|src)=|url\(|@import/);
      expect(readBack(svg).texts.join(' ')).toContain('&amp; "x" \ufffd \u{1F600}');
    }
  });

  test('has a title and a description, and takes the colours of a page', async () => {
    const [chart] = runCharts(named(['baseline', 'other']));
    const svg = await drawSvg(chart!, { width: 900 });
    expect(svg).toContain('role="img" aria-labelledby="figure1-title figure1-desc"');
    expect(readBack(svg)).toMatchObject({
      title: 'Speed by method and benchmark',
      description: expect.stringMatching(/^table1; n = 4 .*1 panel: GSM8K\. axes: canvas tokens per second/),
    });
    for (const name of ['ink', 'paper', 'muted', ...[1, 2, 3, 4, 5, 6, 7, 8].map((i) => `series-${i}`)]) {
      expect(svg).toContain(`--c-${name}:var(--${name},#`);
    }
    // Whatever is coloured goes by these, so that a page can turn dark.
    const fills = [...svg.matchAll(/ (?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour);
    const own = /^(none|currentColor|var\(--c-(ink|paper|muted|series-\d)\))$/;
    expect(fills.filter((fill) => !own.test(fill!))).toEqual([]);
  });

  test('the same chart gives the same text', async () => {
    for (const chart of runCharts(runInput())) {
      expect(await drawSvg(chart, { width: 700 })).toBe(await drawSvg(chart, { width: 700 }));
    }
  });
});

describe('panels', () => {
  const panel: Chart['panels'][number] = {
    title: '',
    x: { kind: 'number', label: 'x' },
    y: { kind: 'number', label: 'y' },
    marks: [],
  };
  const chart = { id: 'c', title: 'T', subtitle: 's', notes: [], series: [], panels: Array(4).fill(panel) };

  test('wrap evenly: four are two rows of two where three would fit', async () => {
    const places = [
      ...(await drawSvg(chart, { width: 900 })).matchAll(/<g transform="translate\((\d+),0\)">/g),
    ];
    expect(places.map(([, x]) => x)).toEqual(['0', '446', '0', '446']);
    const narrow = [
      ...(await drawSvg(chart, { width: 390 })).matchAll(/<g transform="translate\((\d+),0\)">/g),
    ];
    expect(narrow.map(([, x]) => x)).toEqual(['0', '0', '0', '0']);
  });
});

describe('few and odd methods', () => {
  test('one method: its bar, no legend, and its mark', async () => {
    const charts = runCharts(named(['baseline']));
    expect(charts.map(({ id }) => id)).toEqual(['figure1', 'speedup', 'speed-accuracy']);
    const drawn = await Promise.all(charts.map(async (one) => readBack(await drawSvg(one, { width: 390 }))));
    expect(drawn.map(({ panels }) => panels[0]!.marks('bar').length)).toEqual([1, 1, 0]);
    expect(drawn[2]!.panels[0]!.marks('dot')).toHaveLength(1);
    expect(drawn[0]!.texts.filter((text) => text === 'baseline')).toHaveLength(1);
  });

  test('a long name is cut into lines and loses nothing', async () => {
    const name = 'under_scored_method_name_without_any_blank, and then some words';
    const [chart] = runCharts(named(['baseline', name]));
    const [panel] = readBack(await drawSvg(chart!, { width: 390 })).panels;
    expect(panel!.yTicks[1]!.text.replaceAll(/\s/g, '')).toBe(name.replaceAll(' ', ''));
    const bar = panel!.marks('bar')[1]!;
    expect(bar.x).toBeLessThan(390 / 2);
  });

  test.each([
    ['a bc def', ['a bc', 'def']],
    ['abcdefghij', ['abcd', 'efgh', 'ij']],
    ['ab-cd_ef', ['ab-', 'cd_', 'ef']],
    ['', []],
  ])('%j in four characters', (text, lines) => {
    expect(wrap(text, 4 * 10 * 0.58, 10)).toEqual(lines);
  });
});
