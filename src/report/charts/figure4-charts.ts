import { type Certainty, certainties } from '../../results/paper.js';
import type { Chart, Dot, Panel, Published } from './chart.js';
import type { FigureRow } from './figure-rows.js';

const measures = { key: 'key', value: 'value', attention: 'attention output', ffn: 'FFN output' } as const;
const scopes = ['response', 'all'] as const;

/** Figure 4: how well the change of the layer input foretells that of four others, by layer, beside the published. */
export function figure4Charts(rows: readonly FigureRow[], subtitle: string): Chart[] {
  const layers = [...new Set(rows.map(layerOf))].sort(inOrder);
  const panels = Object.entries(measures).map(([measure, name]): Panel => {
    const own = rows.filter((row) => row.text('measure') === measure);
    const dots = own.flatMap((row): Dot[] => {
      const y = row.numberOrNull('spearman');
      if (y === null) return [];
      const series = scopes.indexOf(row.text('scope') as (typeof scopes)[number]);
      return [{ x: layerOf(row), y, series, label: '', xLow: null, xHigh: null, yLow: null, yHigh: null }];
    });
    return {
      title: name,
      x: { kind: 'names', label: 'layer', names: layers },
      y: { kind: 'number', label: "Spearman's rho", zero: true },
      marks: [{ kind: 'dots', dots }, ...publishedLines(own)],
    };
  });
  const sources = [...new Set(rows.map((row) => row.text('published_source')))].filter((one) => one !== '');
  return [
    {
      id: 'figure4',
      title: 'Does the change of the layer input foretell other changes?',
      subtitle,
      notes: [
        '"all" pools the observations of all layers, "1+" those of all but layer 0',
        ...(sources.length === 0 ? [] : [`published for LLaDA-8B-Instruct; source: ${sources.join('; ')}`]),
      ],
      series: [{ name: 'rows of the response' }, { name: 'all rows' }],
      panels,
    },
  ];
}

function publishedLines(rows: readonly FigureRow[]): Published[] {
  const lines = new Map<number, Published>();
  for (const row of rows) {
    const value = row.numberOrNull('published');
    const certainty = row.text('published_certainty') as Certainty;
    if (value === null || !certainties.includes(certainty)) continue;
    const source = row.text('published_source');
    lines.set(value, {
      kind: 'published',
      axis: 'y',
      value,
      label: `published ${value} (${certainty})`,
      certainty,
      source,
    });
  }
  return [...lines.values()];
}

/** Short enough for an axis. */
function layerOf(row: FigureRow): string {
  const layer = row.text('layer');
  return layer === 'all-but-0' ? '1+' : layer;
}

/** Layers by number, then what pools them. */
function inOrder(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) && Number.isNaN(y)) return a < b ? -1 : 1;
  return Number.isNaN(x) ? 1 : Number.isNaN(y) ? -1 : x - y;
}
