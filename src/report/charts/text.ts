import { sizes } from './look.js';

/** Mean width of a character as a share of the font's size; sans-serif fonts have 0.5 to 0.6. */
const charWidth = 0.58;

/** Estimated width of a text in pixels: nothing here can measure one. */
export function textWidth(text: string, size: number): number {
  return text.length * size * charWidth;
}

/** Of several texts of the usual size. */
export function widest(texts: readonly string[]): number {
  return Math.ceil(Math.max(0, ...texts.map((text) => textWidth(text, sizes.text))));
}

/**
 * Lines of a text that are not wider than `width` pixels: broken behind blanks, hyphens and underscores, and within a
 * word that is too long for a line.
 */
export function wrap(text: string, width: number, size: number): string[] {
  const room = Math.max(4, Math.floor(width / (size * charWidth)));
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(/[^\s_-]*[_-]+|[^\s_-]+\s*|\s+/g) ?? []) {
    if ((line + word).trimEnd().length <= room) {
      line += word;
      continue;
    }
    if (line.trim() !== '') lines.push(line.trimEnd());
    let rest = word;
    while (rest.trimEnd().length > room) {
      lines.push(rest.slice(0, room));
      rest = rest.slice(room);
    }
    line = rest;
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}

/** Text without characters that XML does not have: they are shown as U+FFFD. */
export function xmlText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML does not have
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

/** Text as content or attribute of XML. */
export function escapeXml(text: string): string {
  return xmlText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
