import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { UsageError } from '../errors.js';
import { exists, writeWhole } from '../formats/files.js';
import type { ReportFormat } from '../report/renderers.js';
import type { Report } from '../report/report.js';
import type { Manifest } from '../results/manifest.js';
import { didYouMean } from '../suggest.js';
import { defineCommand } from './command.js';

const formats = ['terminal', 'markdown', 'latex', 'csv', 'json'] as const satisfies readonly ReportFormat[];

/** What the end of a file's name says of its format. */
const extensions: Readonly<Record<string, ReportFormat>> = {
  '.md': 'markdown',
  '.tex': 'latex',
  '.csv': 'csv',
  '.json': 'json',
};

export const command = defineCommand({
  command: 'report <run>',
  describe:
    'Show the table of a run again from its files: terminal, Markdown, LaTeX, CSV, JSON, a page; draw its figures',
  builder: (yargs) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: 'Folder of a run' })
      .option('format', {
        type: 'string',
        requiresArg: true,
        choices: formats,
        describe: 'Default: by the end of the name of --out (.md, .tex, .csv, .json), else terminal',
      })
      .option('out', { type: 'string', requiresArg: true, describe: 'File to write; default: stdout' })
      .option('html', {
        type: 'string',
        requiresArg: true,
        describe: 'Write a page for a browser instead: tables, figures, every sample, steps of traces',
      })
      .option('figures', {
        type: 'string',
        requiresArg: true,
        describe: 'Folder to write the figures of the run into, one SVG file each',
      })
      .example('repro report results/runs/table1-20260101T120000Z-1a2b3c', 'the table that the run printed')
      .example('repro report runs/long --out table.tex', 'LaTeX with booktabs: best bold, second underlined')
      .example(
        'repro report runs/long --html report.html',
        'one file with every sample, to open in a browser',
      )
      .example(
        'repro report runs/long --format markdown >> "$GITHUB_STEP_SUMMARY"',
        'on the page of a CI run',
      )
      .example('repro report runs/long --figures runs/long/figures', 'the table, and its figures as SVG'),
  handler: async ({ run, format, out, html, figures }) => {
    const isTable = format !== undefined || out !== undefined || html !== undefined;
    if (figures !== undefined && !isTable) {
      const { drawFigure } = await import('./draw-run.js');
      if (await drawFigure(run, figures)) return;
    }
    const page = html ?? (out !== undefined && /^\.html?$/.test(extname(out)) ? out : undefined);
    const chosen = format ?? (out === undefined ? undefined : extensions[extname(out)]) ?? 'terminal';
    const { report, manifest } = await reportOf(run);
    if (figures !== undefined) {
      const { drawRun } = await import('./draw-run.js');
      await drawRun(report, manifest, { run, dir: figures });
    }
    if (page !== undefined) {
      const { writeRunPage } = await import('./report-html.js');
      await writeRunPage(page, run, { report, manifest });
      if (page === out || (out === undefined && format === undefined)) return;
    }
    if (out !== undefined) {
      const { renderers } = await import('../report/renderers.js');
      await write(out, renderers[chosen](report, { width: fileWidth }));
      process.stderr.write(`repro: the report is in ${out}\n`);
      return;
    }
    process.stdout.write(await text(report, chosen));
  },
});

/** Characters of a terminal table in a file. */
const fileWidth = 120;

async function text(report: Report, format: ReportFormat): Promise<string> {
  if (format === 'terminal') {
    const { reportText } = await import('./report-text.js');
    return reportText(report, process.stdout);
  }
  const { renderers } = await import('../report/renderers.js');
  return renderers[format](report);
}

/** Reads the files of a run. Nothing is decoded or scored anew, and the model is not needed. */
async function reportOf(run: string): Promise<{ report: Report; manifest: Manifest }> {
  const { runFiles } = await import('../experiments/run-dir.js');
  const { readManifest } = await import('../results/manifest.js');
  const { runRows, runScores } = await import('../experiments/run-rows.js');
  const { recordedPlan } = await import('../report/recorded-plan.js');
  const { runReport } = await import('../report/run-report.js');
  const files = runFiles(run);
  if (!(await exists(files.manifest))) throw await noRun(run);
  const manifest = await readManifest(files.manifest);
  const { refuseFigure } = await import('../results/figure-run.js');
  refuseFigure(manifest, run);
  const plan = recordedPlan(manifest, files.manifest);
  const rows = await runRows(files, manifest);
  if (rows.length === 0) {
    throw new UsageError(
      'RUN_EMPTY',
      `${run} has no finished sample yet; repeat its command with --resume ${run} to go on ` +
        `(it was: repro ${manifest.command.join(' ')}).`,
    );
  }
  const report = await runReport({ plan, rows, scores: await runScores(files, manifest), manifest });
  return { report, manifest };
}

async function noRun(run: string): Promise<UsageError> {
  if (await exists(join(dirname(run), 'manifest.json'))) {
    return new UsageError(
      'RUN_NOT_FOUND',
      `${run} is no folder of a run; give the folder that it is in: repro report ${dirname(run)}.`,
    );
  }
  if (await exists(run)) {
    return new UsageError(
      'RUN_NOT_FOUND',
      `${run} holds no run (there is no manifest.json); a run names its folder when it ends.`,
    );
  }
  const siblings = await readdir(dirname(run)).catch(() => []);
  return new UsageError(
    'RUN_NOT_FOUND',
    `there is no folder ${run}; a run names its folder when it ends.${didYouMean(basename(run), siblings)}`,
  );
}

async function write(path: string, content: string): Promise<void> {
  try {
    await writeWhole(path, content);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError('OUT_NOT_WRITABLE', `cannot write ${path} (${code}); name another file with --out.`);
  }
}
