import { createHash } from 'node:crypto';
import { html, Markup } from './markup.js';

export interface PageDocument {
  readonly title: string;
  readonly style: string;
  readonly script: string;
  readonly body: Markup;
  /** Blocks of data: the script reads them. */
  readonly data: readonly Markup[];
}

/**
 * A page that loads nothing: the policy lets nothing in but the styles and the script of this very text, by their
 * hashes. Style attributes (charts have some) count as styles.
 */
export function pageDocument({ title, style, script, body, data }: PageDocument): string {
  const styles = [style, ...inlineStyles(body.text)];
  const attributes = styleAttributes(body.text);
  const sources = [
    ...[...new Set([...styles, ...attributes])].map(hashSource),
    ...(attributes.length > 0 ? ["'unsafe-hashes'"] : []),
  ];
  const policy = [
    "default-src 'none'",
    `style-src ${sources.join(' ')}`,
    `script-src ${hashSource(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Markup(style)}</style>
</head>
<body>
${body}
${data}<script>${new Markup(script)}</script>
</body>
</html>
`.text;
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function inlineStyles(markup: string): string[] {
  return [...markup.matchAll(/<style\b[^>]*>([\s\S]*?)<\/style>/g)].map(([, text]) => unescapeXml(text!));
}

function styleAttributes(markup: string): string[] {
  return [...markup.matchAll(/<[^<>]*\sstyle="([^"]*)"/g)].map(([, text]) => unescapeXml(text!));
}

/** What a parser makes of the text: hashes are of that. */
function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
