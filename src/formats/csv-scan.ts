import { UsageError } from '../errors.js';

const [comma, quote, lf, cr] = [0x2c, 0x22, 0x0a, 0x0d];

/** Where the cells of a CSV text stand. */
export interface CsvScan {
  /** Start and end of each cell, quotes included, in the order of the text. */
  readonly bounds: Uint32Array;
  readonly cells: number;
  /** Cells of every record. */
  readonly width: number;
}

/**
 * Finds the cells of a CSV text: RFC 4180 with LF, CRLF or CR; blank lines are none, and a BOM is passed over.
 *
 * @param first What error messages call the first record.
 * @throws UsageError `CSV_INVALID` with file and line: nothing in it, stray quotes, records of unlike length.
 */
export function scanCsv(text: string, file: string, first = 'header'): CsvScan {
  const { length } = text;
  // Room for cells of eight characters; it grows where they are shorter.
  let bounds = new Uint32Array(1024 + Math.ceil(length / 4));
  let [cells, width, inRecord] = [0, 0, 0];
  let i = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  // A comma at the very end opens one more field, an empty one.
  let afterComma = false;
  while (i < length || afterComma) {
    const start = i;
    if (text.charCodeAt(i) === quote) {
      i = endOfQuoted(text, start, file);
    } else {
      for (; i < length; i++) {
        const c = text.charCodeAt(i);
        // Most characters stand behind all four in the table of codes.
        if (c > comma) continue;
        if (c === comma || c === lf || c === cr) break;
        if (c === quote) throw invalid(text, i, file, 'a quote inside of an unquoted field');
      }
    }
    const next = text.charCodeAt(i);
    const endsRecord = i >= length || next === lf || next === cr;
    if (!endsRecord && next !== comma) throw invalid(text, i, file, 'text behind a closing quote');
    const isBlankLine = endsRecord && inRecord === 0 && i === start;
    if (!isBlankLine) {
      if (2 * cells + 2 > bounds.length) bounds = grown(bounds);
      bounds[2 * cells] = start;
      bounds[2 * cells + 1] = i;
      cells++;
      inRecord++;
    }
    if (endsRecord && !isBlankLine) {
      if (width === 0) width = inRecord;
      if (inRecord !== width) {
        const fields = `${inRecord} ${inRecord === 1 ? 'field' : 'fields'}`;
        throw invalid(
          text,
          bounds[2 * (cells - inRecord)]!,
          file,
          `${fields}, but the ${first} has ${width}`,
        );
      }
      inRecord = 0;
    }
    afterComma = !endsRecord;
    i += next === cr && text.charCodeAt(i + 1) === lf ? 2 : 1;
  }
  if (width === 0) throw new UsageError('CSV_INVALID', `${file}: the file is empty.`);
  return { bounds, cells, width };
}

/** Place behind the closing quote. */
function endOfQuoted(text: string, start: number, file: string): number {
  let from = start + 1;
  for (;;) {
    const at = text.indexOf('"', from);
    if (at === -1) throw invalid(text, start, file, 'a quoted field that is never closed');
    if (text.charCodeAt(at + 1) !== quote) return at + 1;
    from = at + 2;
  }
}

function grown(bounds: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * bounds.length);
  larger.set(bounds);
  return larger;
}

/** Text of a cell without its quotes. */
export function cellText(text: string, start: number, end: number): string {
  if (end === start || text.charCodeAt(start) !== quote) return text.slice(start, end);
  return text.slice(start + 1, end - 1).replaceAll('""', '"');
}

/** Line of a place in a text, counted from 1. */
export function lineAt(text: string, place: number): number {
  return text.slice(0, place).split(/\r\n|\r|\n/).length;
}

function invalid(text: string, place: number, file: string, what: string): UsageError {
  return new UsageError('CSV_INVALID', `${file}:${lineAt(text, place)}: not a CSV table: ${what}.`);
}
