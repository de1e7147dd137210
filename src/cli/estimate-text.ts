import type { ExperimentPlan } from '../config/experiment-plan.js';
import { titleOn } from '../config/experiment-plan.js';
import { byteSize, counted, gigabytes } from '../counted.js';
import type { Forecast, ForecastCell } from '../experiments/forecast/forecast.js';
import type { PlanTime } from '../experiments/forecast/plan-time.js';
import { groupBy } from '../group-by.js';
import { columns, duration, heading, wrapped } from './config-text.js';
import { styled } from './style.js';

/** What an experiment will take, for the terminal; every part says whether it was measured or computed. */
export function forecastText(result: Forecast, { id, title }: ExperimentPlan): string {
  const { model, device, engine, threads, precision } = result;
  const facts = Object.entries(engine).map(([name, value]) => `${name} ${value}`);
  const on = [device.device, device.driver, counted(threads, 'thread'), ...facts].filter(Boolean).join(', ');
  return [
    `${styled('bold', id, process.stdout)}: ${titleOn(title, device.name)}`,
    `${model.name} (${model.id}) in ${precision} on ${device.name} (${on})`,
    ...measuredLines(result),
    ...sampleLines(result.cells),
    ...totalLines(result.totals),
    ...roomLines(result),
  ].join('\n');
}

function measuredLines({ measured }: Forecast): string[] {
  const { kinds, graphs, openMs, elapsedMs } = measured;
  const samples = groupBy(kinds, ({ method, tokens }) => `${method} ${tokens}`);
  const rows = [...samples.values()].map((own) => [
    own[0]!.method,
    `canvas of ${own[0]!.tokens}`,
    ...(['full', 'partial'] as const).map((kind) => {
      const found = own.find((other) => other.kind === kind);
      return found === undefined ? '' : `${kind} pass ${passMs(found.medianMs)} (${found.passes})`;
    }),
  ]);
  const starts = graphs.map(({ startMs }) => duration(startMs));
  return [
    heading(`Measured now, in ${duration(elapsedMs)} (median; of so many passes)`),
    ...columns(rows),
    `  ${wrapped(
      `opening the model ${duration(openMs)}; reading and packing its weights, ${counted(graphs.length, 'graph')}: ` +
        starts.join(', '),
      2,
    )}`,
  ];
}

/** `2.9 ms`, `12 s` */
function passMs(ms: number): string {
  return ms < 99.5 ? `${ms.toPrecision(2)} ms` : duration(ms);
}

function sampleLines(cells: readonly ForecastCell[]): string[] {
  const benchmarks = [...new Set(cells.map(({ benchmark }) => benchmark))];
  const methods = [...new Set(cells.map(({ method }) => method))];
  const rows = methods.map((method) => [
    method,
    ...benchmarks.map((benchmark) => {
      const cell = cells.find((other) => other.method === method && other.benchmark === benchmark);
      return cell === undefined ? '' : `${cell.atMost ? '<= ' : ''}${duration(cell.sampleMs)}`;
    }),
    passesText(cells.filter((cell) => cell.method === method)),
  ]);
  const lengths = [
    'canvas',
    ...benchmarks.map((benchmark) => {
      const tokens = cells.filter((cell) => cell.benchmark === benchmark).map((cell) => cell.tokens);
      return range(tokens);
    }),
    'passes',
  ];
  const note =
    'Extrapolated: the passes that a method does on a canvas of mean prompt length, counted, at the cost that was ' +
    'measured above.' +
    (cells.some(({ atMost }) => atMost)
      ? ' "<=": a rule decides how many tokens a pass reveals, and the fewest that it allows were counted; mostly it takes ' +
        'far less.'
      : '');
  return [
    heading('A sample'),
    ...columns([['', ...benchmarks, ''], lengths, ...rows]),
    `  ${wrapped(note, 2)}`,
  ];
}

/** `128 passes, 4 full`, over the benchmarks. */
function passesText(cells: readonly ForecastCell[]): string {
  const full = range(cells.map(({ fullPasses }) => fullPasses));
  return `${cells.some(({ atMost }) => atMost) ? '<= ' : ''}${range(cells.map(({ passes }) => passes))}, ${full} full`;
}

function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${least}` : `${least}-${most}`;
}

function totalLines(totals: readonly PlanTime[]): string[] {
  const [asked] = totals;
  const rows = asked!.methods.map(({ method, samples, ms, atMost }) => [
    method,
    counted(samples, 'sample'),
    `${atMost ? '<= ' : ''}${duration(ms)}`,
  ]);
  const sums = totals.map(({ size, samples, decodeMs, loadMs, warmUpMs, repeatMs, atMost }) => [
    size,
    counted(samples, 'sample'),
    `${atMost ? '<= ' : ''}${duration(decodeMs)}`,
    `loading ${duration(loadMs)}, warming up ${duration(warmUpMs)}`,
    `repeats for precise speeds at most ${duration(repeatMs)}`,
  ]);
  return [
    heading(`In all, extrapolated (${asked!.size}; one sample after the other)`),
    ...columns(rows),
    '',
    ...columns(sums),
    `  ${wrapped('Starting up and scoring come on top; --no-timing leaves warming up and repeats out.', 2)}`,
  ];
}

function roomLines({ memory, measured, disk, precision }: Forecast): string[] {
  const { residentBytes, anonymousBytes } = measured.memory;
  const anonymous =
    anonymousBytes === null ? '' : `, of it ${gigabytes(anonymousBytes)} GB beside mapped files`;
  const computed =
    memory === null
      ? ''
      : `; computed from the shapes for a canvas of ${memory.tokens}: about ${gigabytes(memory.totalBytes)} GB on the device`;
  const { checkpointBytes, converted } = disk;
  return [
    heading('Room'),
    `  ${wrapped(`memory: ${gigabytes(residentBytes)} GB seen now${anonymous}${computed}`, 2)}`,
    `  disk: ${byteSize(checkpointBytes)} for the checkpoint` +
      (converted === null ? '' : `, ${byteSize(converted.bytes)} for it in ${precision} (${converted.dir})`),
  ];
}
