/**
 * Unpacks a block of data of this page: base64 of deflated JSON.
 *
 * @param {string} id Of its element.
 * @returns {Promise<unknown>}
 */
export async function unpack(id) {
  const text = atob(document.getElementById(id).textContent.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).json();
}

/** What the codes of states are called. */
export const stateNames = ['right', 'wrong', 'failed'];
export const stateSigns = ['✓', '✗', '!'];

/** The samples of the run; the fields are those of `PageData` in src/report/html/page-data.ts. */
export class Samples {
  /** @param {object} data */
  constructor(data) {
    this.cells = data.cells;
    this.texts = data.texts;
    this.rows = data.samples;
    this.traces = new Map(data.traced.map((place, block) => [place, `trace-${block}`]));
    this.searched = new Map();
  }

  /** How many there are. */
  get size() {
    return this.rows.length;
  }

  /** The text at a place; null for none. */
  text(place) {
    return place === -1 ? null : this.texts[place];
  }

  /** The fields of a sample that lists show. */
  brief(place) {
    const [cell, sample, state, , , , , , , , , baseline, compared, differing] = this.rows[place];
    return {
      ...{ place, state, baseline, compared, differing },
      cell: this.cells[cell],
      id: this.texts[sample],
      differs: differing.length > 0,
      trace: this.traces.get(place),
    };
  }

  /** All of a sample. */
  full(place) {
    const row = this.rows[place];
    const [, , , prompt, promptTokens, error, extracted, detail, group, scores, output] = row;
    return {
      ...this.brief(place),
      promptTokens,
      prompt: this.text(prompt),
      target: this.text(row[14]),
      error: this.text(error),
      extracted: this.text(extracted),
      detail: this.text(detail),
      group: this.text(group),
      scores: scores.map(([name, read, correct, failure, more]) => ({
        name: this.text(name),
        extracted: this.text(read),
        correct: correct === 1,
        error: this.text(failure),
        detail: this.text(more),
      })),
      output: output === 0 ? null : this.output(output),
    };
  }

  output([text, nfe, nfeExecuted, rowNfe, canvas, toEos, ms, isShared]) {
    return { text: this.text(text), nfe, nfeExecuted, rowNfe, canvas, toEos, ms, isShared: isShared === 1 };
  }

  /** The same sample of the other methods, the one given included. */
  siblings(place) {
    const { cell, id } = this.brief(place);
    const isSame = (other) =>
      other.benchmark === cell.benchmark && other.profile === cell.profile && other.model === cell.model;
    const cells = new Set(this.cells.flatMap((other, c) => (isSame(other) ? [c] : [])));
    const sample = this.rows[place][1];
    return this.rows.flatMap((row, other) =>
      row[1] === sample && this.texts[row[1]] === id && cells.has(row[0]) ? [other] : [],
    );
  }

  /** The place of a sample of a cell, of the first one for null; -1 if there is none. */
  find(cellId, sampleId) {
    return this.rows.findIndex(
      ([cell, sample]) =>
        (cellId === null || this.cells[cell].id === cellId) && this.texts[sample] === sampleId,
    );
  }

  /** Whether prompt, output or id holds a text, in small letters. */
  holds(place, needle) {
    const [, sample, , prompt, , , , , , , output] = this.rows[place];
    const texts = output === 0 ? [sample, prompt] : [sample, prompt, output[0]];
    return texts.some((text) => text !== -1 && this.small(text).includes(needle));
  }

  small(place) {
    const known = this.searched.get(place);
    if (known !== undefined) return known;
    const text = this.texts[place].toLowerCase();
    this.searched.set(place, text);
    return text;
  }
}

/** The part of the address that leads to a sample. */
export function linkTo({ cell, id }) {
  return `#sample=${encodeURIComponent(id)}&cell=${encodeURIComponent(cell.id)}`;
}

/** The sample that an address leads to: `{ cell, sample }`, the cell null for any; or null. */
export function linkedSample(hash) {
  const found = /^#sample=([^&]*)(?:&cell=(.*))?$/.exec(hash);
  if (found === null) return null;
  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  return { sample: decoded(found[1]), cell: found[2] === undefined ? null : decoded(found[2]) };
}
