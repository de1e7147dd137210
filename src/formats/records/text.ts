import { isUtf8 } from 'node:buffer';
import { dataFormat } from './row.js';

const newline = 0x0a;

/**
 * The text of a data file without its BOM.
 *
 * @throws UsageError `DATA_FORMAT` with the line of the first byte that is not UTF-8
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  if (isUtf8(bytes)) return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  throw dataFormat(
    `Line ${firstBadLine(bytes)} of the data file ${path}`,
    'is not UTF-8',
    'save the file as UTF-8 or download it again',
  );
}

function firstBadLine(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const at = bytes.indexOf(newline, start);
    if (at === -1 || !isUtf8(bytes.subarray(start, at))) return line;
    start = at + 1;
  }
}
