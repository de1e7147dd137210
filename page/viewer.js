import { curves } from './curves.js';
import { button, element } from './dom.js';
import { raster } from './raster.js';
import { themeChanges } from './theme.js';

/** Of a played step, in milliseconds. */
const frameMs = 180;

/**
 * The steps of one or two traces, frame by frame: two go in step, and the shorter one waits at its end.
 *
 * @param {readonly {name: string, trace: object}[]} sides Traces as `PageTrace` in src/report/html/page-trace.ts.
 * @returns {HTMLElement}
 */
export function stepViewer(sides) {
  const most = Math.max(...sides.map(({ trace }) => trace.steps.length));
  const views = sides.map((side) => sideView(side, (step) => go(step)));
  let step = 0;
  let timer;

  const slider = element('input', { type: 'range', min: 0, max: most, step: 1, 'aria-label': 'Passes done' });
  const where = element('output', { class: 'where' });
  const play = button('Play', () => (timer === undefined ? start() : stop()));

  function go(to) {
    step = Math.min(most, Math.max(0, to));
    slider.value = String(step);
    where.textContent = step === 0 ? `before the first of ${most} passes` : `after pass ${step} of ${most}`;
    slider.setAttribute('aria-valuetext', where.textContent);
    for (const view of views) view.show(step);
  }
  function start() {
    if (step === most) go(0);
    play.textContent = 'Stop';
    timer = setInterval(() => {
      // A viewer that was replaced by another sample has nothing to play.
      if (step === most || !root.isConnected) stop();
      else go(step + 1);
    }, frameMs);
  }
  function stop() {
    clearInterval(timer);
    timer = undefined;
    play.textContent = 'Play';
  }

  slider.addEventListener('input', () => {
    stop();
    go(Number(slider.value));
  });
  const moves = {
    ArrowRight: () => go(step + 1),
    ArrowLeft: () => go(step - 1),
    Home: () => go(0),
    End: () => go(most),
  };
  const root = element(
    'div',
    {
      class: 'viewer',
      tabindex: '0',
      role: 'group',
      'aria-label': 'Step viewer: arrow keys go from pass to pass',
      onkeydown: (event) => {
        const move = moves[event.key];
        if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        stop();
        move();
      },
    },
    element(
      'div',
      { class: 'controls screen' },
      play,
      button('−1', () => moves.ArrowLeft(), { 'aria-label': 'One pass back' }),
      button('+1', () => moves.ArrowRight(), { 'aria-label': 'One pass on' }),
      slider,
      where,
    ),
    legend(),
    element('div', { class: sides.length > 1 ? 'sides two' : 'sides' }, ...views.map(({ node }) => node)),
  );
  const redraw = () => {
    if (root.isConnected) go(step);
    else themeChanges.removeEventListener('change', redraw);
  };
  themeChanges.addEventListener('change', redraw);
  go(Math.min(1, most));
  return root;
}

function legend() {
  const entry = (kind, text) => element('span', {}, element('span', { class: `swatch ${kind}` }), text);
  return element(
    'p',
    { class: 'legend' },
    entry('masked', 'masked'),
    entry('ramp', 'committed in the first … last pass'),
    entry('fresh', 'in this pass'),
  );
}

/** One trace: tokens, rows, confidences. */
function sideView({ name, trace }, go) {
  const steps = trace.steps.length;
  const title = element('h5', {});
  const said = element('p', { class: 'said', 'aria-live': 'off' });
  const canvas = tokens(trace);
  const rows = raster(trace);
  const chart = curves(trace, go);
  return {
    node: element('div', { class: 'side-view' }, title, canvas.node, said, rows.node, chart.node),
    show(step) {
      const own = Math.min(step, steps);
      title.textContent = `${name}: ${own < step || own === steps ? `finished after ${steps} ${steps === 1 ? 'pass' : 'passes'}` : `${own} of ${steps} passes`}`;
      said.textContent = committedText(trace, own, own < step);
      canvas.show(own, own === step);
      rows.show(own);
      chart.show(own);
    },
  };
}

/** What a pass made visible, in words. */
function committedText({ steps, texts, promptLength }, step, isOver) {
  if (step === 0) return 'All positions of the response are masked.';
  const { committed, confidence } = steps[step - 1];
  if (isOver || committed.length === 0)
    return isOver ? 'Nothing is left to do.' : 'This pass committed nothing.';
  const words = confidence.map((value, i) => {
    const [position, id] = [committed[2 * i], committed[2 * i + 1]];
    return `“${shown(texts[id], id)}” at ${position - promptLength} (${value.toFixed(2)})`;
  });
  const more = words.length > 6 ? `, and ${words.length - 6} more` : '';
  return `Committed with confidence: ${words.slice(0, 6).join(', ')}${more}`;
}

/** The response as chips in their order; the colour tells in which pass a token was committed. */
function tokens({ promptLength, length, steps, texts }) {
  const chips = Array.from({ length: length - promptLength }, () =>
    element('span', { class: 'token masked' }, '·'),
  );
  const commits = new Map();
  for (const [s, { committed, confidence }] of steps.entries()) {
    for (let i = 0; i < confidence.length; i++) {
      commits.set(committed[2 * i] - promptLength, {
        step: s + 1,
        id: committed[2 * i + 1],
        confidence: confidence[i],
      });
    }
  }
  return {
    node: element('div', { class: 'tokens', role: 'img', 'aria-label': 'The canvas of tokens' }, ...chips),
    show(step, isCurrent) {
      for (const [position, chip] of chips.entries()) {
        const commit = commits.get(position);
        if (commit === undefined || commit.step > step) {
          chip.className = 'token masked';
          chip.textContent = '·';
          chip.title = `position ${position}, masked`;
          continue;
        }
        const text = shown(texts[commit.id], commit.id);
        const isFresh = isCurrent && commit.step === step;
        chip.className = `token${isFresh ? ' fresh' : ''}${isSpecial(texts[commit.id]) ? ' special' : ''}`;
        chip.textContent = isSpecial(texts[commit.id]) ? '∎' : text;
        chip.style.setProperty('--t', String(steps.length < 2 ? 0 : (commit.step - 1) / (steps.length - 1)));
        chip.title = `position ${position}: ${text}, id ${commit.id}, committed in pass ${commit.step} with confidence ${commit.confidence}`;
      }
    },
  };
}

function isSpecial(text) {
  return text !== undefined && /^<\|.*\|>$/s.test(text);
}

function shown(text, id) {
  if (text === undefined) return `#${id}`;
  if (/^ +$/.test(text)) return '␣'.repeat(text.length);
  return text.replace(/\n/g, '↵').replace(/\t/g, '⇥');
}
