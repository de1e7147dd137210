/** Text that is HTML already: made by `html`, or of a trusted source. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template; strings become text, whatever they hold. */
export type Child = Markup | string | number | undefined | readonly Child[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // A parser drops it in text and replaces it in attributes: here it can be seen.
  '\0': '\ufffd',
};

/** Text as HTML shows it, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'\0]/g, (character) => entities[character]!);
}

/** A template of HTML whose values are escaped unless they are markup themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly Child[]): Markup {
  return new Markup(strings.map((piece, i) => piece + markupOf(values[i])).join(''));
}

function markupOf(child: Child): string {
  if (child === undefined) return '';
  if (child instanceof Markup) return child.text;
  if (typeof child === 'object') return child.map(markupOf).join('');
  return escapeHtml(String(child));
}
