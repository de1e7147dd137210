import { groupBy } from '../../group-by.js';
import { imprecise } from '../figures.js';
import type { Figure } from '../report.js';
import { missing } from '../show.js';
import type { Bar, Chart, Panel, Published, Series } from './chart.js';
import { type ChartManifest, runFacts } from './facts.js';
import type { RunChartsInput } from './run-charts.js';

/** The paper's Figure 1: tokens per second of every method, a panel a benchmark. */
export function speedBars(input: RunChartsInput): Chart[] {
  return bars(input, {
    ...{ id: 'figure1', figure: 'tps', title: 'Speed by method and benchmark' },
    label: 'canvas tokens per second',
  });
}

/** How many times faster than the baseline, with the published speed-ups of the same model. */
export function speedupBars(input: RunChartsInput): Chart[] {
  return bars(input, {
    ...{ id: 'speedup', figure: 'speedup', title: 'Speed-up over the baseline' },
    label: 'times the speed of the baseline',
  });
}

interface Layout {
  readonly id: string;
  readonly figure: 'tps' | 'speedup';
  readonly title: string;
  readonly label: string;
}

/** None for a sweep, whose settings are no methods, and for a run that measured no speed. */
function bars(input: RunChartsInput, { id, figure, title, label }: Layout): Chart[] {
  const all = input.report.figures;
  const own = all.filter((one) => one.figure === figure);
  if (own.some(({ params }) => Object.keys(params).length > 0)) return [];
  if (own.every(({ ours }) => ours === null)) return [];
  const baseline = baselineOf(input.manifest);
  const series = seriesOf(own, baseline);
  const isComparable = input.manifest.models.some((model) => input.publishedModels?.includes(model.id));
  const names = [...new Set(own.map(({ name }) => name))];
  const published = own.filter((one) => one.published !== null);
  const drawn = isComparable && figure === 'speedup';
  const panels = [...groupBy(own, ({ column }) => column).values()].map(
    (figures): Panel => ({
      title: figures[0]!.title,
      x: { kind: 'number', label, zero: true },
      y: { kind: 'names', label: '', names },
      marks: [
        {
          kind: 'bars',
          bars: figures.map((one) =>
            barOf(
              one,
              series.findIndex((s) => s.id === seriesId(one, baseline)),
            ),
          ),
        },
        ...(drawn ? figures.flatMap(publishedMark) : []),
      ],
    }),
  );
  return [
    {
      ...{ id, title, subtitle: runFacts(input.manifest), series, panels },
      notes: [
        'whiskers: 95 % intervals; an average has none',
        ...(figure === 'tps' && own.some(({ remark }) => remark.includes(imprecise))
          ? ['~ speeds that are not known to the precision asked for']
          : []),
        ...(figure === 'speedup' ? ['which speed-ups are valid at the accuracy: see the table'] : []),
        ...(figure === 'speedup' ? publishedNote(published, drawn) : []),
      ],
    },
  ];
}

/** Methods in the groups of the table; the baseline apart. */
function seriesOf(
  figures: readonly Figure[],
  baseline: string | undefined,
): (Series & { readonly id: string })[] {
  const ids = [...new Set(figures.map((one) => seriesId(one, baseline)))];
  return ids.map((id) =>
    id === '' ? { id, name: 'baseline', isBaseline: true } : { id, name: id.slice(1) },
  );
}

function seriesId({ method, group }: Figure, baseline: string | undefined): string {
  return method === baseline ? '' : ` ${group}`;
}

/** Id of the method that the others are compared with. */
export function baselineOf({ cells }: Pick<ChartManifest, 'cells'>): string | undefined {
  return cells.find((cell) => cell.baseline === cell.id)?.method;
}

function barOf({ name, figure, ours, low, high, remark }: Figure, series: number): Bar {
  const mark = ours !== null && figure === 'tps' && remark.includes(imprecise) ? '~' : '';
  const text =
    ours === null ? missing : figure === 'tps' ? `${mark}${ours.toFixed(1)}` : `${ours.toFixed(2)}x`;
  return { row: name, series, value: ours, low, high, text };
}

function publishedMark({ name, published, certainty, source }: Figure): Published[] {
  if (published === null || certainty === '') return [];
  return [
    { kind: 'published', axis: 'x', value: published, row: name, label: 'published', certainty, source },
  ];
}

/** Says what is published, where from, and if it is not drawn why. */
function publishedNote(figures: readonly Figure[], isDrawn: boolean): string[] {
  if (figures.length === 0) return [];
  const sources = [...new Set(figures.map(({ source }) => source))].join('; ');
  const listed = figures.map(
    ({ name, title, published, certainty }) => `${name} on ${title} ${published}x (${certainty})`,
  );
  const what = isDrawn ? 'published, on other hardware' : 'published for another model, not drawn';
  return [`${what}: ${listed.join(', ')}; source: ${sources}`];
}
