import { drawn, element } from './dom.js';
import { computed, rowCount } from './raster.js';

const width = 460;
const upper = { top: 8, height: 96 };
const lower = { top: 122, height: 40 };
const left = 44;
const right = 8;
const bottom = 182;

/**
 * Over the passes: the confidence of each committed token, the threshold where the rule has one, and the share of rows
 * that were computed.
 *
 * @param {object} trace As `PageTrace` in src/report/html/page-trace.ts.
 * @param {(step: number) => void} onChoice A pass was clicked.
 * @returns {{node: HTMLElement, show(step: number): void}}
 */
export function curves({ steps, layers, length }, onChoice) {
  const slot = (width - left - right) / steps.length;
  const x = (step) => left + (step - 0.5) * slot;
  // Thresholds may lie above 1 or below 0: they stand at the edge.
  const y = (share) => upper.top + (1 - Math.min(1, Math.max(0, share))) * upper.height;
  const radius = Math.max(1.2, Math.min(3, slot / 3));
  const dots = steps.flatMap(({ confidence }, s) =>
    confidence.map((value) =>
      drawn('circle', { class: 'confidence', cx: x(s + 1), cy: y(value), r: radius }),
    ),
  );
  const hasRows = steps.some(({ rows, layerRows }) => rows !== undefined || layerRows !== undefined);
  const bars = hasRows
    ? steps.map((step, s) => {
        const share =
          computed(step, layers).reduce((sum, ranges) => sum + rowCount(ranges), 0) / (layers * length);
        const height = share * lower.height;
        return drawn('rect', {
          ...{ class: 'rows', x: x(s + 1) - slot * 0.4, width: slot * 0.8 },
          ...{ y: lower.top + lower.height - height, height },
        });
      })
    : [];
  const tau = steps
    .flatMap(({ threshold }, s) =>
      threshold === undefined
        ? []
        : [`${x(s + 1) - slot / 2},${y(threshold)} ${x(s + 1) + slot / 2},${y(threshold)}`],
    )
    .join(' ');
  const bands = steps.flatMap(({ thresholds }, s) => {
    if (thresholds === undefined) return [];
    const [low, high] = thresholds;
    const height = Math.max(2, y(low) - y(high));
    const shape = { x: x(s + 1) - slot * 0.4, width: slot * 0.8, y: Math.min(y(high), y(low) - 1), height };
    return [drawn('rect', { class: 'taus', ...shape })];
  });
  const hasTau = tau !== '' || bands.length > 0;
  const cursor = drawn('line', { class: 'cursor', y1: upper.top, y2: lower.top + lower.height });
  const names = [
    'confidence of committed tokens',
    ...(hasTau ? ['threshold tau'] : []),
    ...(hasRows ? ['share of rows computed'] : []),
  ];
  const chart = drawn(
    'svg',
    {
      ...{
        class: 'curves',
        viewBox: `0 0 ${width} ${bottom + 6}`,
        role: 'img',
        'aria-label': `By pass: ${names.join(', ')}`,
      },
      onclick: (event) => {
        const box = chart.getBoundingClientRect();
        const at = ((event.clientX - box.left) / box.width) * width;
        onChoice(Math.min(steps.length, Math.max(1, Math.ceil((at - left) / slot))));
      },
    },
    ...[0, 0.5, 1].map((share) => rule(y(share), share.toFixed(1))),
    ...(hasRows ? [rule(lower.top, '100 %'), rule(lower.top + lower.height, '0 %')] : []),
    ...bars,
    ...bands,
    ...dots,
    ...(tau === '' ? [] : [drawn('polyline', { class: 'tau', points: tau })]),
    cursor,
    label(x(1), '1'),
    ...(steps.length > 1 ? [label(x(steps.length), String(steps.length))] : []),
    label((left + width - right) / 2, 'pass'),
  );
  const key = [
    element('span', {}, element('span', { class: 'swatch dot' }), 'confidence'),
    ...(tau === '' ? [] : [element('span', {}, element('span', { class: 'swatch line' }), 'threshold τ')]),
    ...(bands.length === 0
      ? []
      : [element('span', {}, element('span', { class: 'swatch band' }), 'thresholds τ of tokens')]),
    ...(hasRows
      ? [element('span', {}, element('span', { class: 'swatch bar' }), 'rows computed, below')]
      : []),
  ];
  return {
    node: element('figure', { class: 'curves' }, element('figcaption', { class: 'legend' }, ...key), chart),
    show(step) {
      const at = String(step === 0 ? left : x(step));
      cursor.setAttribute('x1', at);
      cursor.setAttribute('x2', at);
    },
  };
}

function rule(height, text) {
  return drawn(
    'g',
    {},
    drawn('line', { class: 'rule', x1: left, x2: width - right, y1: height, y2: height }),
    drawn('text', { x: left - 5, y: height + 4, 'text-anchor': 'end' }, text),
  );
}

function label(at, text) {
  return drawn('text', { x: at, y: bottom, 'text-anchor': 'middle' }, text);
}
