import { lineAt } from '../csv-scan.js';
import { isJsonObject } from '../json.js';
import { dataFormat, kindOf, type Row, reasonOf } from './row.js';
import { decodeText } from './text.js';

/**
 * The objects of a JSON file that holds an array of them, or the one object that it holds.
 *
 * @throws UsageError `DATA_FORMAT`: not UTF-8, not JSON, neither an object nor an array of objects
 */
export function jsonRows(bytes: Uint8Array, path: string): Row[] {
  const text = decodeText(bytes, path);
  if (text.trim() === '') return [];
  const value = parse(text, path);
  if (isJsonObject(value)) return [{ row: 1, value }];
  const next = 'give it an array of objects, or one object';
  if (!Array.isArray(value)) throw dataFormat(`The data file ${path}`, `holds ${kindOf(value)}`, next);
  return value.map((item: unknown, index) => {
    if (isJsonObject(item)) return { row: index + 1, value: item };
    throw dataFormat(`Item ${index + 1} of the data file ${path}`, `is ${kindOf(item)}`, next);
  });
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = reasonOf(error);
    const position = reason.match(/ at position (\d+)/)?.[1];
    const line = position === undefined ? '' : `Line ${lineAt(text, Number(position))} of `;
    const where = `${line}${line === '' ? 'The' : 'the'} data file ${path}`;
    throw dataFormat(where, `is not JSON (${reason})`, 'correct it or download the file again');
  }
}
