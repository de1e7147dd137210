import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pack } from '../../../src/report/html/pack.js';
import { type PageData, pageData, rangesOf } from '../../../src/report/html/page-data.js';
import type { PageTrace } from '../../../src/report/html/page-trace.js';
import { runPage } from '../../../src/report/html/run-page.js';
import { lineText } from '../../../src/report/report.js';
import { difference } from '../../../src/results/agreement.js';
import { sampleKey } from '../../../src/results/samples.js';
import { runCli } from '../../experiments/cli-runs.js';
import { runFilesOf, tracedTable } from './run-files.js';

let folder: string;
let files: Awaited<ReturnType<typeof runFilesOf>>;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repro-page-'));
  const run = await runCli([...tracedTable, '--out', at('run')], folder);
  expect(run.code, run.stderr).toBe(0);
  files = await runFilesOf(at('run'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function unpacked<T>(page: string, id: string): T {
  const [, text] = new RegExp(`<script type="text/plain" id="${id}">([^<]*)</script>`).exec(page)!;
  return JSON.parse(inflateSync(Buffer.from(text!, 'base64')).toString()) as T;
}

test('the tables hold the texts of the report, and the notes are all there', async () => {
  const { document } = parseHTML(await runPage(files));
  const { report } = files;
  const [grid] = report.grids;
  const cells = grid!.groups.flatMap(({ rows }) =>
    rows.map((row) => [row.labels, row.cells.flat().map((lines) => lines.map(lineText))]),
  );
  const texts = (nodes: Iterable<{ textContent: string | null }>) =>
    [...nodes].map((node) => node.textContent);
  const shown = [...document.querySelectorAll('#table tbody tr:not(.group)')].map((row) => [
    texts(row.querySelectorAll('th')),
    [...row.querySelectorAll('td:not(.lines)')].map((cell) => texts(cell.querySelectorAll('div'))),
  ]);
  expect(shown).toEqual(cells);
  expect(cells.length).toBe(2);
  expect(texts(document.querySelectorAll('.notes li'))).toEqual([...report.notes, report.rankNote]);
  expect(document.querySelector('h1')!.textContent).toBe(report.title);
});

test('every accuracy has its interval and its verdict', async () => {
  const { document } = parseHTML(await runPage(files));
  const rows = [...document.querySelectorAll('#intervals tbody tr')].map((row) => row.textContent);
  const measured = files.report.figures.filter(({ figure, ours }) => figure === 'accuracy' && ours !== null);
  expect(rows).toHaveLength(measured.length);
  for (const [i, { name, title, ours, low, high, remark }] of measured.entries()) {
    const percent = (share: number | null) => (share! * 100).toFixed(1);
    expect(rows[i]).toContain(`${name}${title}${percent(ours)}`);
    if (low !== null) expect(rows[i]).toContain(`[${percent(low)}, ${percent(high)}]`);
    expect(rows[i]).toContain(remark);
  }
});

test('the data of the browser are those of the files', async () => {
  const page = await runPage(files);
  const data = unpacked<PageData>(page, 'data');
  expect(data.samples).toHaveLength(files.samples.length);
  let differing = 0;
  for (const [i, row] of files.samples.entries()) {
    const [cell, sample, state, prompt, , , extracted, , , scores, output, baseline, compared, ranges] =
      data.samples[i]!;
    const recorded = files.manifest.cells.find(({ id }) => id === row.cell)!;
    const text = (place: number) => data.texts[place] ?? null;
    expect(data.cells[cell]!.id).toBe(row.cell);
    expect([text(sample), text(extracted)]).toEqual([row.sample, row.extracted]);
    expect(state).toBe(row.correct ? 0 : 1);
    const { text: promptText } = files.prompts.find(({ promptSha256 }) => promptSha256 === row.promptSha256)!;
    expect(text(prompt)).toBe(promptText);
    expect(scores.map(([name]) => text(name))).toEqual(Object.keys(row.scores!));
    expect(output === 0 ? null : [text(output[0]), output[1]]).toEqual([row.output!.text, row.output!.nfe]);
    if (recorded.baseline === row.cell) {
      expect([baseline, compared]).toEqual([-1, 0]);
      continue;
    }
    const reference = files.samples[baseline]!;
    expect([reference.cell, reference.sample]).toEqual([recorded.baseline, row.sample]);
    const expected = difference(row.output!.ids, reference.output!.ids, recorded.eosId);
    expect(compared).toBe(expected.compared);
    expect(ranges).toEqual(rangesOf(expected.differing));
    differing += expected.differing.length;
  }
  expect(differing).toBeGreaterThan(0);
});

test('traces replay to the ids of their samples, and rows stay those of the file', async () => {
  const page = await runPage(files);
  const { traced } = unpacked<PageData>(page, 'data');
  expect(traced).toHaveLength(files.traces.length);
  for (const [block, place] of traced.entries()) {
    const row = files.samples[place]!;
    const trace = unpacked<PageTrace>(page, `trace-${block}`);
    const ids = new Map<number, number>();
    for (const { committed } of trace.steps) {
      for (let i = 0; i < committed.length; i += 2)
        ids.set(committed[i]! - trace.promptLength, committed[i + 1]!);
    }
    expect(row.output!.ids.map((_, position) => ids.get(position))).toEqual(row.output!.ids);
    const sizes = ({ rows, layerRows }: PageTrace['steps'][number]) =>
      (layerRows ?? Array.from({ length: trace.layers }, () => rows!)).flatMap((ranges) =>
        ranges.map((end, i) => (i % 2 === 0 ? -end : end)),
      );
    const total = trace.steps.flatMap(sizes).reduce((sum, size) => sum + size, 0);
    expect(total).toBe(row.output!.rows.layerRows);
    for (const id of row.output!.ids) expect(trace.texts[id]).toBeDefined();
  }
});

const hostile = `</script><script>alert(1)</script><!-- <script> \u2028\u2029 \ud800 \0 " ' & <img src=x onerror=alert(1)>`;

test('hostile texts come back unchanged and are markup nowhere', async () => {
  const samples = files.samples.map((row) => ({
    ...row,
    ...{ extracted: hostile, error: hostile, group: hostile, detail: hostile },
    scores: { [hostile]: { extracted: hostile, correct: false, error: hostile } },
    output: row.output === null ? null : { ...row.output, text: hostile },
  }));
  const report = { ...files.report, title: hostile, notes: [hostile] };
  const prompts = files.prompts.map((row) => ({ ...row, text: hostile }));
  const manifest = { ...files.manifest, command: [hostile] };
  const traces = files.traces.map((trace) => ({ ...trace, texts: { 0: hostile } }));
  const page = await runPage({ ...files, samples, report, prompts, manifest, traces });
  const data = unpacked<PageData>(page, 'data');
  expect(data.texts.filter((text) => text === hostile)).toHaveLength(1);
  const parsed = parseHTML(page).document;
  // One block a trace, the data and the script itself.
  expect(parsed.querySelectorAll('script')).toHaveLength(files.traces.length + 2);
  expect(parsed.querySelectorAll('img')).toHaveLength(0);
  expect(page).not.toContain('<!-- ');
});

test('a text is there once, however many samples hold it', () => {
  const data = pageData({ ...files, traced: [] });
  expect(new Set(data.texts).size).toBe(data.texts.length);
});

test('packed data are letters that HTML cannot misread', () => {
  expect(pack({ hostile })).toMatch(/^[A-Za-z0-9+/]+=*$/);
});

test('thresholds that each token has go from the lowest to the highest', async () => {
  const page = await runPage(files);
  const { traced } = unpacked<PageData>(page, 'data');
  let moved = 0;
  for (const [block, place] of traced.entries()) {
    const { cell, sample } = files.samples[place]!;
    const { steps } = files.traces.find((trace) => trace.cell === cell && trace.sample === sample)!;
    const shown = unpacked<PageTrace>(page, `trace-${block}`).steps;
    for (const [s, { thresholds }] of steps.entries()) {
      const taus = thresholds?.map(([, tau]) => tau).sort((a, b) => a - b);
      expect(shown[s]!.thresholds?.[0]).toBe(taus && Number(taus[0]!.toPrecision(4)));
      expect(shown[s]!.thresholds?.[1]).toBe(taus && Number(taus.at(-1)!.toPrecision(4)));
      if (taus !== undefined) moved++;
    }
    expect(steps.some(({ thresholds }) => thresholds !== undefined)).toBe(cell!.endsWith('-apd'));
  }
  expect(moved).toBeGreaterThan(0);
});

test('samples name their traces in the order of the blocks', async () => {
  const { traced } = unpacked<PageData>(await runPage(files), 'data');
  const keys = new Set(files.traces.map(({ cell, sample }) => sampleKey({ cell: cell!, sample: sample! })));
  expect(new Set(traced.map((place) => sampleKey(files.samples[place]!)))).toEqual(keys);
});

test('the command writes the page, also by the end of the name, and says where', async () => {
  const first = await runCli(['report', at('run'), '--html', at('a.html')], folder);
  expect(first).toMatchObject({ code: 0, stdout: '' });
  expect(first.stderr).toMatch(/^repro: the page is in .*a\.html \(\d\.\d MB\); open it in a browser\n$/);
  const second = await runCli(['report', at('run'), '--out', at('b.html')], folder);
  expect(second).toMatchObject({ code: 0, stdout: '' });
  expect((await stat(at('b.html'))).size).toBe((await stat(at('a.html'))).size);
  const nowhere = await runCli(['report', at('run'), '--html', at('none/a.html')], folder);
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toMatch(
    /^repro: cannot write .*a\.html \(ENOENT\); name another file with --html\.\n$/,
  );
});
