import { linkTo, stateNames, stateSigns, unpack } from './data.js';
import { button, drawn, element } from './dom.js';
import { stepViewer } from './viewer.js';
import { sharedWords } from './words.js';

/**
 * Everything about one sample, its baseline beside it.
 *
 * @param {import('./data.js').Samples} samples
 * @param {number} place
 * @param {{before?: number, after?: number, position: number, of: number}} neighbours In the list as it is filtered.
 * @returns {HTMLElement[]}
 */
export function sampleDetail(samples, place, neighbours) {
  const sample = samples.full(place);
  const baseline = sample.baseline === -1 ? null : samples.full(sample.baseline);
  return [
    head(samples, sample, neighbours),
    siblings(samples, sample),
    facts(sample, baseline),
    scoreTable(sample),
    promptOf(sample),
    outputs(sample, baseline),
    steps(samples, sample, baseline),
  ].filter((part) => part !== undefined);
}

function head(samples, sample, { before, after, position, of }) {
  const move = (place, text) =>
    button(text, () => location.assign(linkTo(samples.brief(place))), { disabled: place === undefined });
  const where = position === -1 ? 'not in the filtered list' : `${position + 1} of ${of}`;
  return element(
    'header',
    {},
    element('h3', {}, `${sample.cell.title} · ${sample.id}`),
    element('p', { class: 'method' }, sample.cell.name, ' ', stateChip(sample.state)),
    element(
      'div',
      { class: 'moves screen' },
      move(before, 'Previous'),
      move(after, 'Next'),
      where,
      copyButton(sample),
    ),
  );
}

function copyButton(sample) {
  const copy = button('Copy link', async () => {
    const link = new URL(linkTo(sample), location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      copy.textContent = 'Copied';
    } catch {
      copy.textContent = 'It is in the address bar';
    }
  });
  return copy;
}

function stateChip(state) {
  return element('span', { class: `chip ${stateNames[state]}` }, `${stateSigns[state]} ${stateNames[state]}`);
}

/** The same sample by all methods: where they part can be seen at a glance. */
function siblings(samples, sample) {
  const places = samples.siblings(sample.place);
  if (places.length < 2) return undefined;
  const links = places.map((place) => {
    const brief = samples.brief(place);
    const current = place === sample.place ? 'true' : undefined;
    return element(
      'a',
      { href: linkTo(brief), class: `chip ${stateNames[brief.state]}`, 'aria-current': current },
      `${stateSigns[brief.state]} ${brief.cell.name}`,
    );
  });
  return element(
    'nav',
    { class: 'siblings screen', 'aria-label': 'The same sample by other methods' },
    ...links,
  );
}

function facts(sample, baseline) {
  const { output, compared, differing } = sample;
  const differ = sizeOf(differing);
  const pairs = [
    ['extracted answer', sample.extracted ?? 'nothing fits'],
    ['reference answer', sample.target],
    ['failed', sample.error],
    ['detail', sample.detail],
    ['group', sample.group],
    ['passes (NFE)', output && passes(output)],
    ['rows computed', output && `${output.rowNfe} full passes (row-NFE)`],
    ['denoising', output && time(output)],
    ['tokens', output && `${output.canvas} of the canvas, ${output.toEos} before the end of text`],
    ['prompt', `${sample.promptTokens} tokens`],
    [
      'baseline',
      baseline && compared > 0 ? `${compared - differ} of ${compared} positions are the baseline's` : null,
    ],
  ].filter(([, value]) => value !== null && value !== undefined);
  return element(
    'dl',
    { class: 'facts' },
    ...pairs.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  );
}

function passes({ nfe, nfeExecuted }) {
  return nfe === nfeExecuted ? String(nfe) : `${nfe}, of which ${nfeExecuted} were executed`;
}

function time({ ms, isShared }) {
  if (isShared) return `${ms[0]} ms beside other decodings: no measurement of speed`;
  return ms.length === 1 ? `${ms[0]} ms` : `${ms.join(', ')} ms (${ms.length} rounds)`;
}

function sizeOf(ranges) {
  let size = 0;
  for (let i = 0; i < ranges.length; i += 2) size += ranges[i + 1] - ranges[i];
  return size;
}

function scoreTable({ scores }) {
  if (scores.length === 0) return undefined;
  const head = ['Scorer', 'read', 'result'].map((title) => element('th', { scope: 'col' }, title));
  const rows = scores.map(({ name, extracted, correct, error, detail }, i) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, i === 0 ? `${name} (decides)` : name),
      element('td', {}, extracted ?? 'nothing fits'),
      element(
        'td',
        {},
        [correct && error === null ? 'right' : 'wrong', error, detail]
          .filter((text) => text !== null)
          .join(': '),
      ),
    ),
  );
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: 'scores' },
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows),
    ),
  );
}

function promptOf({ prompt, cell, id }) {
  const heading = element('summary', {}, 'Prompt');
  if (prompt !== null)
    return element('details', { open: true }, heading, element('pre', { tabindex: '0' }, prompt));
  const [, part, index] = /^[^/]*((?:\/[^/]+)*)\/0*(\d+)-[^/]*$/.exec(id) ?? [null, '', 'i'];
  const show = `repro tasks show ${cell.benchmark}${part} --profile ${cell.profile} --index ${index}`;
  const why = cell.confidential
    ? `Not stored: its authors ask not to reprint it; ${show} prints it.`
    : `The prompts.jsonl of this run does not hold it; ${show} prints it.`;
  return element('details', { open: true }, heading, element('p', { class: 'quiet' }, why));
}

function outputs(sample, baseline) {
  const own = sample.output?.text ?? null;
  const other = baseline?.output?.text ?? null;
  if (own === null) {
    const why =
      sample.output === null ? 'There is no output: it failed.' : 'The model has no tokenizer: no text.';
    return element('p', { class: 'quiet' }, why);
  }
  if (baseline === null || other === null) {
    return element('div', { class: 'outputs' }, panel('Output', [{ text: own, same: true }]));
  }
  const [ours, theirs] = sharedWords(own, other);
  return element(
    'div',
    {},
    strip(sample),
    element(
      'div',
      { class: 'outputs two' },
      panel(`Output of ${sample.cell.name}`, ours),
      panel(`Output of ${baseline.cell.name}`, theirs, stateChip(baseline.state)),
    ),
  );
}

function panel(title, pieces, chip) {
  const parts = pieces.map(({ text, same }) => (same ? text : element('mark', {}, text)));
  if (parts.length === 0) parts.push(element('span', { class: 'quiet' }, '(empty)'));
  return element(
    'figure',
    {},
    element('figcaption', {}, title, ' ', chip),
    element('pre', { tabindex: '0' }, ...parts),
  );
}

/** One mark a position: those whose token is not the baseline's. Undefined where nothing was compared. */
function strip({ compared, differing }) {
  if (compared === 0) return undefined;
  const marks = [];
  for (let i = 0; i < differing.length; i += 2) {
    marks.push(drawn('rect', { x: differing[i], y: 0, width: differing[i + 1] - differing[i], height: 1 }));
  }
  const label =
    differing.length === 0
      ? `all ${compared} positions are the baseline's`
      : `${sizeOf(differing)} of ${compared} positions differ from the baseline's`;
  return element(
    'figure',
    { class: 'strip' },
    drawn(
      'svg',
      { viewBox: `0 0 ${compared} 1`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
      ...marks,
    ),
    element('figcaption', {}, `Positions 0 to ${compared - 1}: ${label}`),
  );
}

function steps(samples, sample, baseline) {
  const root = element(
    'section',
    { class: 'steps', 'aria-label': 'Steps' },
    element('h4', {}, 'Step by step'),
  );
  if (sample.trace === undefined) {
    const why =
      samples.traces.size === 0
        ? 'This run keeps no traces. With --traces N it keeps every step of the first N samples of each cell.'
        : 'No trace of this sample is kept; the filter "with steps" lists those that have one.';
    root.append(element('p', { class: 'quiet' }, why));
    return root;
  }
  const sides = [sample, ...(baseline?.trace === undefined ? [] : [baseline])];
  Promise.all(sides.map(async ({ cell, trace }) => ({ name: cell.name, trace: await unpack(trace) }))).then(
    (traces) => root.append(stepViewer(traces)),
    (error) => root.append(element('p', { role: 'alert' }, `The steps cannot be shown: ${error.message}.`)),
  );
  return root;
}
