import { element } from './dom.js';
import { colourOf } from './theme.js';

/**
 * Which rows each layer computed in a pass: one line a layer, one column a position, prompt included.
 *
 * @param {object} trace As `PageTrace` in src/report/html/page-trace.ts.
 * @returns {{node: HTMLElement, show(step: number): void}} `step` counts passes that are done.
 */
export function raster({ length, layers, promptLength, steps }) {
  const isKnown = steps.some(({ rows, layerRows }) => rows !== undefined || layerRows !== undefined);
  const caption = element('figcaption', {});
  if (!isKnown) {
    caption.textContent = 'This trace does not say which rows were computed.';
    return { node: element('figure', { class: 'raster' }, caption), show: () => undefined };
  }
  const canvas = element('canvas', { width: length, height: layers, role: 'img' });
  canvas.style.setProperty('--lines', String(layers));
  const boundary = element('div', { class: 'boundary' });
  boundary.style.setProperty('--at', `${(100 * promptLength) / length}%`);
  const context = canvas.getContext('2d');
  return {
    node: element(
      'figure',
      { class: 'raster' },
      element('div', { class: 'frame' }, canvas, boundary),
      caption,
    ),
    show(step) {
      context.clearRect(0, 0, length, layers);
      if (step === 0) {
        caption.textContent = `Rows computed (layers from top to bottom, ${promptLength} positions of the prompt left of the line): none yet.`;
        canvas.setAttribute('aria-label', 'No pass yet');
        return;
      }
      const now = computed(steps[step - 1], layers);
      context.fillStyle = colourOf('--series-1');
      for (const [layer, ranges] of now.entries()) {
        for (let i = 0; i < ranges.length; i += 2) {
          context.fillRect(ranges[i], layer, ranges[i + 1] - ranges[i], 1);
        }
      }
      const text = rowsText(now, length);
      caption.textContent = `Rows computed: ${text}`;
      canvas.setAttribute('aria-label', text);
    },
  };
}

/**
 * Ranges `from, to, ...` of each layer.
 *
 * @returns {number[][]}
 */
export function computed({ rows, layerRows }, layers) {
  return layerRows ?? Array.from({ length: layers }, () => rows ?? []);
}

/** @param {number[]} ranges @returns {number} Rows in them. */
export function rowCount(ranges) {
  let size = 0;
  for (let i = 0; i < ranges.length; i += 2) size += ranges[i + 1] - ranges[i];
  return size;
}

function rowsText(layers, length) {
  const counts = layers.map(rowCount);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least === most) return `${most} of ${length} in each of ${layers.length} layers`;
  return `${least} to ${most} of ${length} by layer (${counts.length <= 8 ? counts.join(', ') : `mean ${mean(counts).toFixed(1)}`})`;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
