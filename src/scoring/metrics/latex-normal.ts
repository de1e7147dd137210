import { pythonStrip } from '../python-text.js';

/** Replacements of `minerva_math`'s `normalize_final_answer`, in their order. */
const MINERVA_SUBSTITUTIONS: readonly (readonly [string, string])[] = [
  ['an ', ''],
  ['a ', ''],
  ['.$', '$'],
  ['\\$', ''],
  ['\\ ', ''],
  [' ', ''],
  ['mbox', 'text'],
  [',\\text{and}', ','],
  ['\\text{and}', ','],
  ['\\text{m}', '\\text{}'],
];

/** Unit words and TeX spacing that `minerva_math` deletes, in their order. */
const MINERVA_REMOVED: readonly string[] = [
  ...['square', 'ways', 'integers', 'dollars', 'mph', 'inches', 'ft', 'hours', 'km', 'units', '\\ldots'],
  ...['sue', 'points', 'feet', 'minutes', 'digits', 'cents', 'degrees', 'cm', 'gm', 'pounds', 'meters'],
  ...['meals', 'edges', 'students', 'childrentickets', 'multiples', '\\text{s}', '\\text{.}', '\\text{\ns}'],
  ...['\\text{}^2', '\\text{}^3', '\\text{\n}', '\\text{}', '\\mathrm{th}', '^\\circ', '^{\\circ}', '\\;'],
  ...[',\\!', '{,}', '"', '\\dots'],
];

/** `normalize_final_answer` of Minerva (appendix D of arXiv 2206.14858), as lm-eval's `minerva_math` has it. */
export function minervaNormal(answer: string): string {
  let text = answer.split('=').at(-1)!;
  for (const [from, to] of MINERVA_SUBSTITUTIONS) text = text.replaceAll(from, () => to);
  for (const removed of MINERVA_REMOVED) text = text.replaceAll(removed, '');
  text = text.replace(/([^\n]*?)(\$)([^\n]*?)(\$)([^\n]*)/g, (...groups: string[]) => `$${groups[3]}$`);
  text = text.replace(/\\text\{([^\n]*?)\}/g, '$1');
  text = text.replace(/\\textbf\{([^\n]*?)\}/g, '$1');
  text = text.replace(/\\overline\{([^\n]*?)\}/g, '$1');
  text = text.replace(/\\boxed\{([^\n]*)\}/g, '$1');
  text = text.replace(/(frac)([^{])([^\n])/g, 'frac{$2}{$3}');
  text = text.replace(/(sqrt)([^{])/g, 'sqrt{$2}');
  return withoutThousands(text.replaceAll('$', ''));
}

/** `100,000` -> `100000`. */
function withoutThousands(text: string): string {
  const joined = text.replaceAll(',', '');
  return /^\d+$/.test(joined) ? joined : text;
}

/**
 * OpenCompass' `normalize_final_answer`: as Minerva's, but what stands before a `=` is kept, line ends go, and of
 * what follows "final answer is", stands in a box or between dollar signs the last one is taken.
 */
export function openCompassNormal(answer: string): string {
  let text = answer;
  for (const [from, to] of MINERVA_SUBSTITUTIONS) text = text.replaceAll(from, () => to);
  text = text.replaceAll('\\le', '<');
  for (const removed of MINERVA_REMOVED) text = text.replaceAll(removed, '');
  text = text.replace(/[\n\r\f]/g, '');
  text = text.replace(/\\(?:text|textbf|overline)\{(.*?)\}/gs, '$1').replace(/\\boxed\{(.*)\}/gs, '$1');
  for (const inside of [/finalansweris(.*)/gs, /oxed\{(.*?)\}/gs, /\$(.*?)\$/gs]) {
    text = [...text.matchAll(inside)].at(-1)?.[1] ?? text;
  }
  text = pythonStrip(text);
  if (text.includes('rac') && !text.includes('\\frac')) text = text.replaceAll('rac', '\\frac');
  text = text.replace(/frac([^{])(.)/gs, 'frac{$1}{$2}').replace(/sqrt([^{])/g, 'sqrt{$1}');
  return withoutThousands(text.replaceAll('$', ''));
}

/**
 * `strip_string` of the MATH data set's own `is_equiv`, as lm-eval's `hendrycks_math` has it; where that breaks off
 * with an error this goes on.
 */
export function hendrycksNormal(answer: string): string {
  let text = hendrycksHead(answer);
  if (text === null) return answer;
  if (text === '') return text;
  text = text.replace(/\\sqrt([^{])/g, '\\sqrt{$1}').replaceAll(' ', '');
  text = braceFractions(text);
  if (text === '0.5') return '\\frac{1}{2}';
  const slash = /^(0|-?[1-9]\d*)\/(0|-?[1-9]\d*)$/.exec(text);
  return slash === null ? text : `\\frac{${slash[1]}}{${slash[2]}}`;
}

/**
 * The steps of `strip_string` before roots and fractions: TeX spacing, degrees, units, a leading zero, a short
 * `x =`. Null for an answer with two units, which the original refuses.
 */
export function hendrycksHead(answer: string): string | null {
  let text = answer.replaceAll('\n', '').replaceAll('\\!', '').replaceAll('\\\\', '\\');
  text = text.replaceAll('tfrac', 'frac').replaceAll('dfrac', 'frac');
  text = text.replaceAll('\\left', '').replaceAll('\\right', '');
  text = text.replaceAll('^{\\circ}', '').replaceAll('^\\circ', '').replaceAll('\\$', '');
  // Units are only written after "\text{ ".
  const units = text.split('\\text{ ');
  if (units.length > 2) return null;
  text = units[0]!.replaceAll('\\%', '');
  text = text.replaceAll(' .', ' 0.').replaceAll('{.', '{0.');
  if (text === '') return text;
  if (text.startsWith('.')) text = `0${text}`;
  const sides = text.split('=');
  return sides.length === 2 && sides[0]!.length <= 2 ? sides[1]! : text;
}

/** `\frac12` -> `\frac{1}{2}`, `\frac1{72}` -> `\frac{1}{72}`; braced ones stay. */
function braceFractions(text: string): string {
  return text.replace(/\\frac([^{])(\{|[^{]?)/g, (whole: string, a: string, b: string) => {
    if (b === '') return whole;
    return b === '{' ? `\\frac{${a}}{` : `\\frac{${a}}{${b}}`;
  });
}
