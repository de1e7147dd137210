import { parseSavings } from '../config/engine-options.js';
import type { ExperimentPlan } from '../config/experiment-plan.js';
import type { DeviceChoice } from '../engine/device.js';
import type { RunResult } from '../experiments/run.js';
import { parseShard } from '../experiments/shard.js';
import type { Report } from '../report/report.js';
import type { PythonChoice } from '../sandbox/backend.js';
import { resolveDevice } from './device-flag.js';
import { withInterrupt } from './interrupt.js';
import { checkWhole } from './plan-flags.js';
import { ProgressLine } from './progress.js';
import { resolvePython } from './python-flag.js';
import { parseDuration } from './run-flags.js';

/** What `runFlags` reads. */
export interface RunArgs {
  readonly device: DeviceChoice;
  readonly python: PythonChoice;
  readonly threads?: number | undefined;
  readonly workers?: number | undefined;
  readonly timing: boolean;
  readonly timeBudget?: string | undefined;
  readonly shard?: string | undefined;
  readonly traces: number;
  readonly savings?: string | undefined;
  readonly out?: string | undefined;
  readonly resume?: string | undefined;
  readonly json: boolean;
}

/**
 * Runs a plan with progress on stderr, prints its table, and resolves to the exit code.
 *
 * @param isDrawn Whether its figures are drawn into its folder.
 */
export async function runPlanCommand(
  wanted: ExperimentPlan,
  args: RunArgs,
  { isDrawn = false }: { readonly isDrawn?: boolean } = {},
): Promise<number> {
  const { threads, workers, shard, traces, out, resume, json } = args;
  checkWhole('--threads', threads);
  checkWhole('--workers', workers);
  checkWhole('--traces', traces, 0);
  const plan = measuredAs(wanted, args);
  const python = await resolvePython(args.python);
  const device = await resolveDevice(args.device);
  const { runPlan } = await import('../experiments/run.js');
  const { monotonicClock } = await import('../measure/clock.js');
  const { systemWallClock } = await import('../measure/wall-clock.js');
  const progress = new ProgressLine(process.stderr, monotonicClock);
  const result = await withInterrupt((signal) =>
    runPlan({
      ...{ plan, device, python, threads, workers, traces, out, signal },
      shard: shard === undefined ? undefined : parseShard(shard),
      resume: resume === '' ? true : resume,
      command: process.argv.slice(2),
      clock: monotonicClock,
      now: systemWallClock,
      onEvent: (event) => progress.show(event),
    }),
  ).finally(() => progress.end());
  const report = json && !isDrawn ? undefined : await reportOf(plan, result);
  if (json) printJson(result);
  else await printReport(report!);
  if (isDrawn) await drawInto(report!, result);
  process.stderr.write(closing(result));
  return result.complete ? 0 : 130;
}

async function reportOf(plan: ExperimentPlan, { rows, scores, manifest }: RunResult): Promise<Report> {
  const { runReport } = await import('../report/run-report.js');
  return runReport({ plan, rows, scores, manifest });
}

async function printReport(report: Report): Promise<void> {
  const { reportText } = await import('./report-text.js');
  process.stdout.write(reportText(report, process.stdout));
}

async function drawInto(report: Report, { files, manifest }: RunResult): Promise<void> {
  const { drawRun } = await import('./draw-run.js');
  await drawRun(report, manifest, { run: files.dir, dir: files.dir });
}

/** The plan with what the flags say of the measurement. @throws UsageError `SAVINGS_UNKNOWN` */
function measuredAs(plan: ExperimentPlan, { timing, timeBudget, savings }: RunArgs): ExperimentPlan {
  const changed = {
    ...(timing ? {} : { timing }),
    ...(timeBudget === undefined ? {} : { timeBudgetSeconds: parseDuration(timeBudget) }),
  };
  const engine = savings === undefined ? {} : { savings: parseSavings(savings) };
  const points = plan.points.map(({ params, experiment }) => ({
    params,
    experiment: {
      ...experiment,
      measure: { ...experiment.measure, ...changed },
      engine: { ...experiment.engine, ...engine },
    },
  })) as unknown as ExperimentPlan['points'];
  return { ...plan, points };
}

function printJson({ files, complete, rows }: RunResult): void {
  process.stdout.write(`${JSON.stringify({ dir: files.dir, complete, rows })}\n`);
}

function closing({ files, complete, rows }: RunResult): string {
  const lost = rows.filter(({ n, errors }) => n !== null && n > 0 && errors === n);
  const failed = lost.map(({ method, benchmark }) => `${method} on ${benchmark}`).join(', ');
  const written = `${lost.length === 0 ? '' : `repro: no sample was decoded by ${failed}; samples.jsonl says why\n`}repro: samples and summary are in ${files.dir}\n`;
  return complete
    ? written
    : `${written}repro: interrupted; type the same command with --resume ${files.dir} to go on\n`;
}
