import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runPage } from '../../../src/report/html/run-page.js';
import { runCli } from '../../experiments/cli-runs.js';
import { BrowserPage, chromium } from './browser.js';
import { runFilesOf, tracedTable } from './run-files.js';

/** What a text may hold to break out of where it stands. */
const hostile = `</script><img src="https://example.invalid/x" onerror="throw 1"><!-- \u2028 \0 end`;

describe.skipIf(chromium === undefined)('the page in a browser (needs chromium)', () => {
  let folder: string;
  let files: Awaited<ReturnType<typeof runFilesOf>>;
  let url: string;
  let hostileUrl: string;
  let page: BrowserPage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'repro-browser-'));
    const run = await runCli([...tracedTable, '--out', join(folder, 'run')], folder);
    expect(run.code, run.stderr).toBe(0);
    files = await runFilesOf(join(folder, 'run'));
    const write = async (name: string, text: string) => {
      await writeFile(join(folder, name), text);
      return pathToFileURL(join(folder, name)).href;
    };
    url = await write('page.html', await runPage(files));
    const samples = files.samples.map((row) => ({
      ...row,
      ...{ extracted: hostile, output: row.output === null ? null : { ...row.output, text: hostile } },
    }));
    const report = { ...files.report, title: hostile };
    const prompts = files.prompts.map((row) => ({ ...row, text: hostile }));
    hostileUrl = await write('hostile.html', await runPage({ ...files, samples, report, prompts }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    page = await BrowserPage.open();
    await page.resize(1280, 900);
  });
  // Whatever a test does: no error, and nothing is asked for but the file.
  afterEach(async () => {
    const { problems, requests } = page;
    await page.close();
    expect(problems).toEqual([]);
    expect(requests.filter((request) => !request.startsWith('file:') && request !== 'about:blank')).toEqual(
      [],
    );
  });

  const ready = 'document.documentElement.dataset.ready !== undefined';
  const open = async (address: string) => {
    await page.goto(address);
    await page.until(ready);
  };
  const text = (selector: string) =>
    page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`);
  /** Chooses in the nth list of the filters. */
  const filter = (nth: number, value: string) =>
    page.evaluate(`{
      const select = document.querySelectorAll('.filters select')[${nth}];
      select.value = ${JSON.stringify(value)};
      select.dispatchEvent(new Event('change'));
    }`);
  const linkOf = ({ cell, sample }: { cell: string; sample: string }) =>
    `${url}#sample=${encodeURIComponent(sample)}&cell=${encodeURIComponent(cell)}`;

  test('filters samples by benchmark, method, result and text', async () => {
    await open(url);
    const all = files.samples.length;
    expect(await text('.count')).toBe(`${all} samples`);
    await filter(0, 'math');
    const ofMath = files.samples.filter(({ benchmark }) => benchmark === 'math');
    expect(await text('.count')).toBe(`${ofMath.length} of ${all} samples`);
    await filter(1, 'dynamic-dllm');
    expect(await text('.count')).toBe(`4 of ${all} samples`);
    await filter(0, '');
    await filter(1, '');
    for (const state of ['right', 'wrong']) {
      await filter(2, state);
      const count = files.samples.filter(({ correct }) => correct === (state === 'right')).length;
      expect(await text('.count')).toMatch(new RegExp(`^${count} (of|samples)`));
    }
    await filter(2, '');
    const { text: prompt } = files.prompts[0]!;
    const word = prompt.split('\n').find((line) => line.endsWith('?'))!;
    await page.evaluate(`document.querySelector('input[type=search]').focus()`);
    await page.send('Input.insertText', { text: word.toUpperCase() });
    await page.until(`document.querySelector('.count').textContent.includes(' of ')`);
    const holding = files.prompts
      .filter((one) => one.text.includes(word))
      .map(({ promptSha256 }) => promptSha256);
    const found = files.samples.filter(({ promptSha256 }) => holding.includes(promptSha256));
    expect(await text('.count')).toBe(`${found.length} of ${all} samples`);
  });

  test('shows a sample by its link, its baseline beside it, the differences marked', async () => {
    const row = files.samples.find((one) => {
      const base = files.manifest.cells.find(({ id }) => id === one.cell)!.baseline;
      const other = files.samples.find(({ cell, sample }) => cell === base && sample === one.sample)!;
      return one.output!.text !== other.output!.text;
    })!;
    await open(linkOf(row));
    expect(await text('.detail h3')).toContain(row.sample);
    const outputs = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.outputs pre')].map((one) => one.textContent)`,
    );
    const { baseline } = files.manifest.cells.find(({ id }) => id === row.cell)!;
    const other = files.samples.find(({ cell, sample }) => cell === baseline && sample === row.sample)!;
    expect(outputs).toEqual([row.output!.text, other.output!.text]);
    expect(await page.evaluate(`document.querySelectorAll('.outputs mark').length`)).toBeGreaterThan(0);
    const prompt = files.prompts.find(({ promptSha256 }) => promptSha256 === row.promptSha256)!;
    expect(await text('.detail details pre')).toBe(prompt.text);
    await page.evaluate(`location.hash = '#sample=none&cell=none'`);
    await page.until(`document.querySelector('.detail .empty') !== null`);
    expect(await text('.detail .empty')).toBe('This run has no sample none of none.');
  });

  test('goes through the steps of a trace by arrow keys, method and baseline in step', async () => {
    const { cell, sample, steps, texts, promptIds } = files.traces.find(
      ({ method, steps: own }) => method === 'dynamic-dllm-apd' && own.length > 2,
    )!;
    await open(linkOf({ cell: cell!, sample: sample! }));
    await page.until(`document.querySelector('.viewer') !== null`);
    await page.evaluate(`document.querySelector('.viewer').focus()`);
    const filled = () =>
      page.evaluate<string[]>(`[...document.querySelector('.tokens').children].map((one) =>
        one.classList.contains('masked') ? '' : one.title.replace(/^.*?: (.*), id .*$/s, '$1'))`);
    for (const step of [1, 2]) {
      expect(await text('.where')).toBe(`after pass ${step} of 64`);
      const tokens = await filled();
      const committed = new Map(steps.slice(0, step).flatMap((one) => one.committed));
      expect(tokens.filter((token) => token !== '')).toHaveLength(committed.size);
      for (const [position, id] of committed) {
        expect(tokens[position - promptIds.length]).toBe(texts![id]!.replaceAll('\n', '↵'));
      }
      const fresh = await page.evaluate(
        `document.querySelector('.tokens').querySelectorAll('.fresh').length`,
      );
      expect(fresh).toBe(steps[step - 1]!.committed.length);
      await page.press('ArrowRight', 39);
    }
    await page.press('End', 35);
    expect(await text('.where')).toBe('after pass 64 of 64');
    const titles = await page.evaluate(
      `[...document.querySelectorAll('.viewer h5')].map((one) => one.textContent)`,
    );
    expect(titles).toEqual([
      expect.stringContaining(`finished after ${steps.length} passes`),
      expect.stringContaining('finished after 64 passes'),
    ]);
    await page.press('ArrowLeft', 37);
    expect(await text('.where')).toBe('after pass 63 of 64');
    const side = (part: string) =>
      page.evaluate(`document.querySelector('.side-view').querySelectorAll('${part}').length`);
    expect(await side('.curves .taus')).toBe(steps.length);
    expect(await side('.curves .confidence')).toBe(steps.flatMap(({ confidence }) => confidence).length);
    const counts = steps[0]!.layerRows!.map((rows) => rows.length);
    await page.press('Home', 36);
    await page.press('ArrowRight', 39);
    expect(await text('.raster figcaption')).toContain(`${Math.max(...counts)} of`);
  });

  test('switches between light and dark, and follows the system until then', async () => {
    const paper = () => page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`);
    await page.prefer('light');
    await open(url);
    const light = await paper();
    await page.prefer('dark');
    const dark = await paper();
    expect(dark).not.toBe(light);
    await page.until(`document.getElementById('theme').textContent === 'Light'`);
    await page.evaluate(`document.getElementById('theme').click()`);
    expect(await paper()).toBe(light);
    await open(url);
    expect(await paper()).toBe(light);
  });

  test('is as wide as a phone, and every control can be reached by the keyboard', async () => {
    await page.resize(390, 844);
    await open(linkOf({ cell: files.traces[0]!.cell!, sample: files.traces[0]!.sample! }));
    await page.until(`document.querySelector('.viewer') !== null`);
    expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBe(390);
    const unnamed = await page.evaluate(`[...document.querySelectorAll('button, select, input')]
      .filter((one) => one.tabIndex < 0 || (one.textContent || one.labels?.[0]?.textContent || one.ariaLabel || '') === '')
      .map((one) => one.outerHTML)`);
    expect(unnamed).toEqual([]);
    await page.press('Tab', 9);
    expect(await page.evaluate(`document.activeElement.className`)).toBe('skip');
    const outline = await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`);
    expect(outline).toBe('solid');
  });

  test('prints tables, figures and facts, and no controls', async () => {
    await open(url);
    await page.send('Emulation.setEmulatedMedia', { media: 'print' });
    const shown = await page.evaluate<
      string[]
    >(`[...document.querySelectorAll('nav, button, form, input, section')]
      .filter((one) => one.getClientRects().length > 0).map((one) => one.id || one.outerHTML)`);
    expect(shown).toEqual(['table', 'intervals', 'run']);
    const { data } = await page.send('Page.printToPDF', { preferCSSPageSize: true });
    expect(Buffer.from(data, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('says what is missing, and how to get it', async () => {
    const cells = files.manifest.cells.map((cell) =>
      cell.benchmark === 'math' ? { ...cell, benchmark: 'gpqa', profile: 'lm-eval' } : cell,
    );
    const bare = { ...files, manifest: { ...files.manifest, cells }, prompts: [], traces: [] };
    const write = async (name: string, run: typeof bare) => {
      await writeFile(join(folder, name), await runPage(run));
      return pathToFileURL(join(folder, name)).href;
    };
    await open(await write('bare.html', bare));
    const first = async (benchmark: string) => {
      await filter(0, benchmark);
      await page.evaluate(`document.querySelector('.list a').click()`);
      await page.until(
        `document.querySelector('.detail h3')?.textContent.includes('${benchmark === 'gpqa' ? 'math' : benchmark}/')`,
      );
    };
    await first('mmlu');
    expect(await text('.detail details .quiet')).toMatch(/^The prompts.jsonl of this run does not hold it/);
    expect(await text('.steps .quiet')).toContain('With --traces N it keeps every step');
    await first('gpqa');
    expect(await text('.detail details .quiet')).toMatch(
      /^Not stored: its authors ask not to reprint it; repro tasks show gpqa --profile lm-eval --index \d+ prints it\.$/,
    );
    await open(await write('empty.html', { ...bare, samples: [] }));
    expect(await text('#browser')).toBe('The folder of the run had no samples.jsonl.');
  });

  test('shows hostile texts as they are', async () => {
    await open(hostileUrl);
    await page.evaluate(`document.querySelector('.list a').click()`);
    await page.until(`document.querySelector('.outputs pre') !== null`);
    expect(await text('.outputs pre')).toBe(hostile);
    expect(await text('.detail details pre')).toBe(hostile);
    expect(await text('h1')).toBe(hostile.replace('\0', '\ufffd'));
    expect(await page.evaluate(`document.images.length`)).toBe(0);
  });
});
