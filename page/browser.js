import { linkedSample, linkTo, stateNames, stateSigns } from './data.js';
import { sampleDetail } from './detail.js';
import { button, choice, element } from './dom.js';

/** Samples on one page of the list. */
const pageSize = 50;
/** Waiting for the end of a word, in milliseconds. */
const typingMs = 120;

/**
 * The browser of samples: filters, a list in pages, and the chosen sample.
 *
 * @param {HTMLElement} root
 * @param {import('./data.js').Samples} samples
 */
export function startBrowser(root, samples) {
  if (samples.size === 0) {
    root.replaceChildren(element('p', { class: 'empty' }, 'The folder of the run had no samples.jsonl.'));
    return;
  }
  const filter = { benchmark: '', method: '', state: '', text: '' };
  let found = [];
  let page = 0;
  let chosen = -1;

  const count = element('p', { class: 'count', 'aria-live': 'polite' });
  const list = element('ol', { class: 'list', 'aria-label': 'Samples' });
  const pager = element('div', { class: 'pager' });
  const detail = element('article', { class: 'detail', 'aria-label': 'The chosen sample' });

  const set = (field) => (value) => {
    filter[field] = value;
    page = 0;
    search();
  };
  const distinct = (field, title) => [
    ...new Map(samples.cells.map((cell) => [cell[field], cell[title]])).entries(),
  ];
  const isNamedTwice = (name) =>
    new Set(samples.cells.filter((cell) => cell.name === name).map(({ method }) => method)).size > 1;
  const methods = distinct('method', 'name').map(([id, name]) => [id, isNamedTwice(name) ? id : name]);

  const show = () => {
    const pages = Math.max(1, Math.ceil(found.length / pageSize));
    const all = samples.size;
    count.textContent = found.length === all ? `${all} samples` : `${found.length} of ${all} samples`;
    const from = page * pageSize;
    list.start = from + 1;
    list.replaceChildren(...found.slice(from, from + pageSize).map((place) => item(samples, place, chosen)));
    if (found.length === 0)
      list.append(element('li', { class: 'empty' }, 'No sample fits all of these filters.'));
    const turn = (step, text) =>
      button(
        text,
        () => {
          page += step;
          show();
        },
        { disabled: page + step < 0 || page + step >= pages },
      );
    pager.replaceChildren(turn(-1, 'Back'), `page ${page + 1} of ${pages}`, turn(1, 'On'));
    pager.hidden = pages === 1;
  };

  const search = () => {
    found = matching(samples, filter);
    show();
  };

  const open = (place) => {
    chosen = place;
    if (place === -1) {
      detail.replaceChildren(
        element('p', { class: 'empty' }, 'Choose a sample to see its prompt, output and score.'),
      );
      return;
    }
    const at = found.indexOf(place);
    if (at !== -1) page = Math.floor(at / pageSize);
    const neighbour = (step) => (at === -1 ? undefined : found[at + step]);
    detail.replaceChildren(
      ...sampleDetail(samples, place, {
        before: neighbour(-1),
        after: neighbour(1),
        position: at,
        of: found.length,
      }),
    );
    show();
  };

  const follow = (isFirst) => {
    const link = linkedSample(location.hash);
    if (link === null) return;
    const place = samples.find(link.cell, link.sample);
    if (place === -1) {
      detail.replaceChildren(
        element(
          'p',
          { class: 'empty' },
          `This run has no sample ${link.sample}${link.cell === null ? '' : ` of ${link.cell}`}.`,
        ),
      );
    } else open(place);
    if (isFirst) root.scrollIntoView();
    else if (detail.getBoundingClientRect().top > innerHeight / 2 || detail.getBoundingClientRect().top < 0) {
      detail.scrollIntoView();
    }
  };

  root.replaceChildren(
    element(
      'form',
      {
        class: 'filters screen',
        role: 'search',
        'aria-label': 'Filter samples',
        onsubmit: (event) => event.preventDefault(),
      },
      choice('Benchmark', [['', 'all'], ...distinct('benchmark', 'title')], set('benchmark')),
      choice('Method', [['', 'all'], ...methods], set('method')),
      choice(
        'Result',
        [
          ['', 'all'],
          ...stateNames.map((name) => [name, name]),
          ['differs', 'differs from the baseline'],
          ['changed', 'right or wrong unlike the baseline'],
          ...(samples.traces.size > 0 ? [['steps', 'with steps']] : []),
        ],
        set('state'),
      ),
      searchField(set('text')),
    ),
    count,
    element('div', { class: 'panes' }, element('div', { class: 'side screen' }, list, pager), detail),
  );
  search();
  open(-1);
  addEventListener('hashchange', () => follow(false));
  follow(true);
}

/** Places of the samples that fit all filters. */
function matching(samples, { benchmark, method, state, text }) {
  const needle = text.trim().toLowerCase();
  const places = [];
  for (let place = 0; place < samples.size; place++) {
    const brief = samples.brief(place);
    if (benchmark !== '' && brief.cell.benchmark !== benchmark) continue;
    if (method !== '' && brief.cell.method !== method) continue;
    if (state !== '' && !isOf(samples, brief, state)) continue;
    if (needle === '' || samples.holds(place, needle)) places.push(place);
  }
  return places;
}

function isOf(samples, brief, state) {
  if (state === 'differs') return brief.differs;
  if (state === 'steps') return brief.trace !== undefined;
  if (state === 'changed') {
    const isRight = (code) => code === 0;
    return brief.baseline !== -1 && isRight(brief.state) !== isRight(samples.brief(brief.baseline).state);
  }
  return stateNames[brief.state] === state;
}

function item(samples, place, chosen) {
  const brief = samples.brief(place);
  const { cell, id, state, differs, trace } = brief;
  const marks = [...(differs ? ['differs'] : []), ...(trace === undefined ? [] : ['steps'])];
  return element(
    'li',
    {},
    element(
      'a',
      { href: linkTo(brief), 'aria-current': place === chosen ? 'true' : undefined },
      element(
        'span',
        {
          class: `sign ${stateNames[state]}`,
          title: stateNames[state],
          role: 'img',
          'aria-label': stateNames[state],
        },
        stateSigns[state],
      ),
      element('span', { class: 'id' }, id),
      element('span', { class: 'quiet' }, [cell.name, ...marks].join(' · ')),
    ),
  );
}

function searchField(onText) {
  let timer;
  const input = element('input', {
    type: 'search',
    placeholder: 'in prompts and outputs',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => onText(input.value), typingMs);
    },
  });
  return element('label', { class: 'wide' }, 'Text ', input);
}
