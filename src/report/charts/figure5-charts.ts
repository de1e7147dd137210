import { groupBy } from '../../group-by.js';
import type { Chart, Panel } from './chart.js';
import type { FigureRow } from './figure-rows.js';

const measures = {
  'layer-input-change': 'a  change of the layer input',
  'attention-output-change': 'b  change of the attention output',
  'attention-to-key': 'c  attention to the key token',
} as const;

/** More lines than this cannot be told apart: of a deeper model evenly spaced layers are drawn. */
const mostLayers = 8;

/** Figure 5 of every benchmark: means by distance from the key token, a line a layer. */
export function figure5Charts(rows: readonly FigureRow[], subtitle: string): Chart[] {
  return [...groupBy(rows, (row) => row.text('benchmark'))].map(([benchmark, own]): Chart => {
    const all = [...new Set(own.map((row) => row.number('layer')))].sort((a, b) => a - b);
    const layers = spaced(all);
    return {
      id: `figure5-${benchmark}`,
      title: `Around the key token, ${benchmark}`,
      subtitle,
      notes: [
        'key token: unmasked by the step before; change: 1 - cos with the step before; means over rows and steps',
        'the axis is logarithmic: a mean of 0 has no place on it and leaves a gap',
        ...(layers.length < all.length ? [`${layers.length} of ${all.length} layers are drawn`] : []),
      ],
      series: layers.map((layer) => ({ name: `layer ${layer}` })),
      panels: Object.entries(measures).map(
        ([measure, title]): Panel => ({
          title,
          x: { kind: 'number', label: 'distance from the key token', whole: true },
          y: { kind: 'number', label: measure === 'attention-to-key' ? 'weight' : 'change', scale: 'log' },
          marks: layers.map((layer, series) => ({
            ...{ kind: 'line', series, hasDots: false, label: '' },
            points: own
              .filter((row) => row.text('measure') === measure && row.number('layer') === layer)
              .map((row) => {
                const mean = row.number('mean');
                return { x: row.number('distance'), y: mean > 0 ? mean : null, low: null, high: null };
              })
              .sort((a, b) => a.x - b.x),
          })),
        }),
      ),
    };
  });
}

function spaced(layers: readonly number[]): number[] {
  if (layers.length <= mostLayers) return [...layers];
  const step = (layers.length - 1) / (mostLayers - 1);
  return Array.from({ length: mostLayers }, (_, i) => layers[Math.round(i * step)]!);
}
