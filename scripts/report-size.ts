/**
 * How large the HTML page of a large run is, and how long it takes to open: 6 benchmarks x 10 methods x 200 samples.
 * `npx tsx scripts/report-size.ts RUN_DIR [words]`; needs `npm run build`, chromium, and a small run with traces. The
 * large run is a size test and is called so: its rows are those of the small run again and again, with words of the
 * run drawn at random for texts (200 an output unless told), because equal texts would take no room.
 */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Manifest, readManifest, writeManifest } from '../src/results/manifest.js';
import { promptFormat } from '../src/results/prompts.js';
import { readRows } from '../src/results/row-log.js';
import { type SampleRow, sampleFormat } from '../src/results/samples.js';
import { readTraces, tracePath } from '../src/results/trace-file.js';
import { Rng } from '../src/stats/rng.js';
import { BrowserPage } from '../test/report/html/browser.js';
import { mustRun } from './soak/runs.js';

const [benchmarks, methods, samples, traced] = [6, 10, 200, 2];
const [run, words = '200'] = process.argv.slice(2);
if (run === undefined)
  throw new Error('give the folder of a small run: npx tsx scripts/report-size.ts RUN_DIR');

const manifest = await readManifest(join(run, 'manifest.json'));
const rows = (await readRows(join(run, 'samples.jsonl'), sampleFormat)).filter(
  ({ output }) => output !== null,
);
const prompts = await readRows(join(run, 'prompts.jsonl'), promptFormat);
const traces = await readTraces(join(run, 'traces'));
const rng = new Rng('report size');
const dictionary = [...rows.map(({ output }) => output!.text ?? ''), ...prompts.map(({ text }) => text)]
  .flatMap((text) => text.split(/\s+/))
  .filter((word) => word !== '');
const draw = (count: number): string =>
  Array.from({ length: count }, () => dictionary[rng.below(dictionary.length)]!).join(' ');

const folder = await mkdtemp(join(tmpdir(), 'repro-report-size-'));
const dir = join(folder, 'run');
await mkdir(dir);
try {
  const ids = Array.from({ length: benchmarks }, (_, b) => `size-test-${b}`);
  const names = Array.from({ length: methods }, (_, m) => `method-${m}`);
  await writeManifest(join(dir, 'manifest.json'), largeManifest(ids, names));
  const lines: string[] = [];
  const promptLines: string[] = [];
  for (const [b, benchmark] of ids.entries()) {
    for (let s = 0; s < samples; s++) {
      const sample = `${benchmark}/${s}`;
      const promptSha256 = sample;
      promptLines.push(JSON.stringify({ schema: 1, promptSha256, benchmark, sample, text: draw(400) }));
      for (const [m, method] of names.entries()) {
        const cell = `${benchmark}/${method}`;
        const row = rows[(b * samples * methods + s * methods + m) % rows.length]!;
        lines.push(JSON.stringify(largeRow(row, { cell, method, benchmark, sample, promptSha256 })));
        if (s >= traced || traces.length === 0) continue;
        const trace = traces[(b * methods + m) % traces.length]!;
        const path = tracePath(join(dir, 'traces'), { cell, sample });
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, JSON.stringify({ ...trace, cell, sample }));
      }
    }
  }
  await writeFile(join(dir, 'samples.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(join(dir, 'prompts.jsonl'), `${promptLines.join('\n')}\n`);
  const page = join(folder, 'page.html');
  await mustRun(['report', dir, '--html', page], folder);
  const { size } = await stat(page);
  console.log(`${lines.length} samples, ${words} words an output, ${benchmarks * methods * traced} traces`);
  console.log(`${(size / 1e6).toFixed(2)} MB`);
  const opened = await openings(pathToFileURL(page).href, 5);
  console.log(`ms until the samples can be used, in ${opened.length} openings: ${opened.join(', ')}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The manifest of the small run with other cells, and a title that says what it is. */
function largeManifest(ids: readonly string[], names: readonly string[]): Manifest {
  const { config, cells } = manifest;
  const [known] = Object.values(config.methods as Record<string, object>);
  return {
    ...manifest,
    config: {
      ...config,
      title: 'Size test, no measurement: rows of a small run again and again',
      benchmarks: ids,
      average: [],
      groups: [{ name: 'Size test', methods: names }],
      baseline: names[0],
      methods: Object.fromEntries(names.map((name) => [name, { ...known, name }])),
      limit: samples,
    },
    cells: ids.flatMap((benchmark) =>
      names.map((method) => ({
        ...cells[0]!,
        ...{ id: `${benchmark}/${method}`, method, benchmark, baseline: `${benchmark}/${names[0]}`, samples },
      })),
    ),
  };
}

/** A row with another place, ids that differ here and there, and drawn words for its texts. */
function largeRow(
  row: SampleRow,
  place: Pick<SampleRow, 'cell' | 'method' | 'benchmark' | 'sample' | 'promptSha256'>,
) {
  const output = row.output!;
  const ids = output.ids.map((id) => (rng.below(8) === 0 ? id + 1 : id));
  return { ...row, ...place, output: { ...output, ids, text: draw(Number(words)) } };
}

async function openings(url: string, times: number): Promise<number[]> {
  const measured: number[] = [];
  for (let i = 0; i < times; i++) {
    const page = await BrowserPage.open();
    await page.goto(url);
    await page.until('document.documentElement.dataset.ready !== undefined');
    measured.push(await page.evaluate<number>('Number(document.documentElement.dataset.ready)'));
    if (page.problems.length > 0) throw new Error(page.problems.join('\n'));
    await page.close();
  }
  return measured;
}
