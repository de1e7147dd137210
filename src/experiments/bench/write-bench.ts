import { join } from 'node:path';
import { counted } from '../../counted.js';
import { UsageError } from '../../errors.js';
import { makeFolders, writeWhole } from '../../formats/files.js';
import type { Chart } from '../../report/charts/chart.js';
import { partsChart } from '../../report/charts/parts-chart.js';
import { writeCharts } from '../../report/charts/write.js';
import { benchCsv, benchParts, growthCsv } from './bench-csv.js';
import type { BenchReport } from './bench-report.js';

/**
 * Writes a report into a folder: bench.json, bench.csv, bench-growth.csv if lengths were measured, and bench.svg if passes
 * were divided into parts.
 *
 * @returns The names of the files.
 * @throws UsageError `OUT_NOT_WRITABLE`
 */
export async function writeBench(report: BenchReport, dir: string): Promise<string[]> {
  const texts: [name: string, text: string][] = [
    ['bench.json', `${JSON.stringify(report, null, 2)}\n`],
    ['bench.csv', benchCsv(report)],
  ];
  if (report.methods.some(({ growth }) => growth.length > 0)) {
    texts.push(['bench-growth.csv', growthCsv(report)]);
  }
  try {
    await makeFolders(dir);
    for (const [name, text] of texts) await writeWhole(join(dir, name), text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError('OUT_NOT_WRITABLE', `cannot write into ${dir} (${code}); name another folder.`);
  }
  const chart = benchChart(report);
  if (chart === undefined) return texts.map(([name]) => name);
  await writeCharts([chart], dir);
  return [...texts.map(([name]) => name), `${chart.id}.svg`];
}

/** The parts of every kind of pass; undefined where passes were not divided. */
export function benchChart(report: BenchReport): Chart | undefined {
  const divided = report.methods.flatMap(({ method, passes }) =>
    passes.flatMap(({ kind, parts }) => {
      if (parts === null) return [];
      return [
        {
          name: `${method}, ${kind}`,
          parts: Object.fromEntries(benchParts.map((part) => [part, parts[part]])),
        },
      ];
    }),
  );
  if (divided.length === 0) return undefined;
  const { model, promptLength, threads, device } = report;
  const counts = report.methods.flatMap(({ passes }) => passes.map(({ passes: n }) => n));
  const responses = [...new Set(report.methods.map(({ genLength }) => genLength))].join(' or ');
  return partsChart(divided, {
    title: `Where the time of a pass goes, ${model}`,
    subtitle:
      `prompt ${promptLength}, response ${responses}; n >= ${Math.min(...counts)} passes of a kind, medians; ` +
      `${device.name}, ${counted(threads, 'thread')}`,
    notes: [
      'shares inside run by the profiler of onnxruntime, of passes of their own; host: what is outside of run',
      'full passes compute every row in every layer, partial ones do not',
    ],
  });
}
