import { titleOn } from '../config/experiment-plan.js';
import type { MeasureOptions } from '../config/measure-options.js';
import { counted } from '../counted.js';
import type { PlanEstimate } from '../experiments/estimate.js';
import type { BenchmarkFacts, MethodFacts, PlanFacts, PointFacts } from '../experiments/plan-facts.js';
import { styled, textWidth, wrapText } from './style.js';

/** A resolved plan for the terminal: the first point in full, of the others what is swept. */
export function renderPlan(facts: PlanFacts, estimate: PlanEstimate | undefined): string {
  const [first, ...others] = facts.points;
  const isSweep = Object.keys(first!.params).length > 0;
  return [
    `${styled('bold', facts.id, process.stdout)}: ${titleOn(facts.title, 'the device of the run')}`,
    `sha256 ${facts.sha256}`,
    ...(isSweep ? ['', `Point 1 of ${facts.points.length}: ${paramsText(first!)}`] : []),
    ...sections(first!).flatMap((section) => [heading(section.heading), ...sectionLines(section)]),
    ...(others.length === 0 ? [] : [heading('Other points (--json shows them in full)')]),
    ...others.map((point, i) => `  ${i + 2}: ${paramsText(point)}`),
    heading('Amount'),
    `  ${countsText(facts)}`,
    ...(estimate === undefined ? [] : estimateLines(estimate)),
  ].join('\n');
}

/** One subject of a point. */
interface Section {
  readonly heading: string;
  readonly rows: readonly string[][];
}

function sections(point: PointFacts): Section[] {
  const { model, profile, seed, limit, baseline, methods, benchmarks, average, measure } = point;
  const samples = limit === null ? 'all samples' : `${counted(limit, 'sample')} per benchmark`;
  return [
    {
      heading: 'Run',
      rows: [
        [`model ${model.id} (${model.name}), settings for ${model.settings}`],
        [`profile ${profile}, seed ${seed}, ${samples}`],
        [`compared with ${baseline}; average of ${average.join(', ') || 'none'}`],
      ],
    },
    { heading: 'Methods', rows: methods.map((method) => [methodText(method)]) },
    {
      heading: 'Benchmarks (task version; deciding scorer: filter, metric; canvas)',
      rows: benchmarks.map(benchmarkCells),
    },
    { heading: 'Measurement', rows: [[measureText(measure)]] },
  ];
}

function methodText({ id, name, cache, unmask }: MethodFacts): string {
  return `${id} (${name}): cache ${partText(cache)}; unmask ${partText(unmask)}`;
}

/** `dcu (auto true, ...)`; sizes that `auto` decides are not shown, as they have no effect. */
function partText(part: MethodFacts['cache'] | MethodFacts['unmask']): string {
  const isAuto = 'policy' in part && part.policy === 'dcu' && part.auto;
  const [kind, ...settings] = Object.entries(part).filter(
    ([key]) => !(isAuto && (key === 'layerBudget' || key === 'windowSize')),
  );
  const words = settings.map(([key, value]) =>
    isAuto && key === 'auto' ? 'layerBudget and windowSize genLength / 8' : `${key} ${value}`,
  );
  return words.length === 0 ? String(kind![1]) : `${kind![1]} (${words.join(', ')})`;
}

function benchmarkCells({ id, version, scorer, samples, generation }: BenchmarkFacts): string[] {
  const { genLength, blockLength, steps, temperature, cfg } = generation;
  const extras = [
    ...(temperature > 0 ? [`temperature ${temperature}`] : []),
    ...(cfg > 0 ? [`cfg ${cfg}`] : []),
  ];
  return [
    id,
    `version ${version}`,
    `${scorer.name}: ${scorer.filter}, ${scorer.metric}`,
    [`G ${genLength}, block ${blockLength}, ${steps} steps`, ...extras].join(', '),
    `${samples.chosen} of ${samples.all} samples`,
  ];
}

function measureText(measure: MeasureOptions): string {
  if (!measure.timing) return 'off: timing columns stay empty';
  const { repeatSamples, minRounds, maxRounds, precision, timeBudgetSeconds } = measure;
  return (
    `the first ${repeatSamples} samples of each cell in ${minRounds} to ${maxRounds} rounds, until speeds are ` +
    `within ${precision * 100} % or ${duration(timeBudgetSeconds * 1000)} have passed`
  );
}

function countsText({ points, cells, samples }: PlanFacts): string {
  const pairs = points.reduce((sum, { methods, benchmarks }) => sum + methods.length * benchmarks.length, 0);
  const shared = pairs === cells ? '' : ` (${pairs - cells} of ${pairs} are shared between points)`;
  return `${count(points.length, 'point')}, ${count(cells, 'cell')}${shared}, ${count(samples, 'sample')} to decode`;
}

function estimateLines(estimate: PlanEstimate): string[] {
  const { decodeMs, repeatMs, atMost, flopsPerSecond } = estimate;
  const rates = Object.values(flopsPerSecond).map((rate) => `${Math.round(rate / 1e9)} GFLOP/s`);
  const about = `${atMost ? 'at most ' : ''}about ${duration(decodeMs)}`;
  const note =
    `An estimate: passes and rows counted without the model, at ${rates.join(' and ')}, which a matrix product ` +
    'has on this machine at the moment; starting up and scoring come on top.' +
    (atMost ? ' Methods with a threshold may need far fewer passes than the schedule that was counted.' : '');
  return [
    heading('Time'),
    `  decoding ${about}; repeats for precise speeds at most ${duration(repeatMs)} more`,
    `  ${wrapped(note, 2)}`,
    ...columns(byMethod(estimate)),
  ];
}

/** Per method: passes and time of one sample, as means over its cells. */
function byMethod({ cells }: PlanEstimate): string[][] {
  const methods = [...new Set(cells.map(({ cell }) => cell.method.id))];
  return methods.map((method) => {
    const own = cells.filter(({ cell }) => cell.method.id === method);
    const mean = (value: (cell: (typeof own)[number]) => number) =>
      own.reduce((sum, cell) => sum + value(cell), 0) / own.length;
    const passes = Math.round(mean((cell) => cell.passes));
    const limit = own.every(({ exactPasses }) => exactPasses) ? '' : 'at most ';
    const gflop = mean((cell) => cell.flops) / 1e9;
    return [
      method,
      `${limit}${passes} passes`,
      `${gflop.toPrecision(3)} GFLOP`,
      `${limit}${duration(mean((cell) => cell.sampleMs))} a sample`,
    ];
  });
}

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function paramsText({ params }: PointFacts): string {
  return Object.entries(params)
    .map(([path, value]) => `${path}=${value}`)
    .join(', ');
}

function sectionLines({ rows }: Section): string[] {
  return rows.every((row) => row.length === 1)
    ? rows.map(([text]) => `  ${wrapped(text!, 6)}`)
    : columns(rows);
}

/** Text of the terminal's width, its further lines indented. */
export function wrapped(text: string, indent: number): string {
  return wrapText(text, textWidth(process.stdout) - 2, ' '.repeat(indent));
}

/** Rows of cells, each column as wide as its widest cell. */
export function columns(rows: readonly string[][]): string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd());
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** A line that begins a part, after an empty one. */
export function heading(text: string): string {
  return `\n${styled('bold', text, process.stdout)}`;
}
