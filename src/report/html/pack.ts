import { deflateSync } from 'node:zlib';
import { html, type Markup } from './markup.js';

/**
 * Data of a page as text that HTML cannot misread: JSON (which escapes lone surrogates and control characters),
 * deflated, in base64.
 */
export function pack(value: unknown): string {
  return deflateSync(JSON.stringify(value), { level: 9 }).toString('base64');
}

/** A block of data that the page's script unpacks when it is wanted. */
export function dataBlock(id: string, value: unknown): Markup {
  return html`<script type="text/plain" id="${id}">${pack(value)}</script>
`;
}
