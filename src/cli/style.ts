import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Text in a colour where the stream is a terminal and NO_COLOR is not set; else plain. */
export function styled(format: Format, text: string, stream: NodeJS.WriteStream | WriteStream): string {
  const plain = !stream.isTTY || (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb';
  return plain ? text : styleText(format, text);
}

/** Width for running text: the terminal's, or 100 columns; never wider than is good to read. */
export function textWidth(stream: NodeJS.WriteStream | WriteStream): number {
  return Math.max(40, Math.min((stream.isTTY && stream.columns) || 100, 110));
}

/** Text broken between words. `indent` stands before every line but the first. */
export function wrapText(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const room = width - (lines.length > 0 ? indent.length : 0);
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}

/** Columns of a table where the stream is no terminal: what logs and editors show without wrapping. */
const plainTableWidth = 120;

/** Characters that a table may be wide. */
export function tableWidth(stream: NodeJS.WriteStream | WriteStream): number {
  return stream.isTTY ? stream.columns : plainTableWidth;
}
