import { stat } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { writeWhole } from '../formats/files.js';
import type { Report } from '../report/report.js';
import type { Manifest } from '../results/manifest.js';

/** Writes a run as one HTML page. */
export async function writeRunPage(
  file: string,
  run: string,
  { report, manifest }: { readonly report: Report; readonly manifest: Manifest },
): Promise<void> {
  const { runPage } = await import('../report/html/run-page.js');
  const { runFiles } = await import('../experiments/run-dir.js');
  const { readRows } = await import('../results/row-log.js');
  const { sampleFormat } = await import('../results/samples.js');
  const { repeatFormat } = await import('../results/repeats.js');
  const { promptFormat } = await import('../results/prompts.js');
  const { readTraces } = await import('../results/trace-file.js');
  const { readFigureCharts } = await import('../report/charts/figure-charts.js');
  const files = runFiles(run);
  const page = await runPage({
    ...{ report, manifest },
    samples: await readRows(files.samples, sampleFormat, { optional: true }),
    repeats: await readRows(files.repeats, repeatFormat, { optional: true }),
    prompts: await readRows(files.prompts, promptFormat, { optional: true }),
    traces: await readTraces(files.traces),
    charts: await readFigureCharts(run, manifest),
  });
  try {
    await writeWhole(file, page);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(
      'OUT_NOT_WRITABLE',
      `cannot write ${file} (${code}); name another file with --html.`,
    );
  }
  const { size } = await stat(file);
  process.stderr.write(
    `repro: the page is in ${file} (${(size / 1e6).toFixed(1)} MB); open it in a browser\n`,
  );
}
