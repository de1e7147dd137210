import { UsageError } from '../../errors.js';

/** One record of a data file. `row` counts from 1: the line in a JSONL file, else the record. */
export interface Row {
  readonly row: number;
  readonly value: unknown;
}

/** A data file is not what its name says: `<where> <what>; <next>.` */
export function dataFormat(where: string, what: string, next = 'download the file again'): UsageError {
  return new UsageError('DATA_FORMAT', `${where} ${what}; ${next}.`);
}

/** The message of any error as one line of printable text. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/\.$/, '')
    .trim();
}

/** What a value is, for a sentence: `a number`, `an array`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
