import { chatMlTokens, specialTokens } from '../models/special-ids.js';
import { cutAt } from '../scoring/until.js';
import type { DecodingOrder } from './decode-output.js';

const { bos, eos, eot, headerStart, headerEnd } = specialTokens;

/** Special tokens as they stand in outputs that somebody logged as text. */
const written = {
  llada: [bos, eos, eot, headerStart, headerEnd, '<|mdm_mask|>'],
  dream: [eos, chatMlTokens.start, chatMlTokens.end, '<|beginoftext|>', '<|mask|>'],
} as const;

/**
 * The text that answers are read from, of an output that is there as text only: as `decodeOutput`, with the special
 * tokens of the family taken for what they are written as. Stop strings cut it when it is scored.
 */
export function outputText(
  order: DecodingOrder,
  output: string,
  family: 'llada' | 'dream',
  until: readonly string[],
): string {
  const specials = written[family];
  const withoutSpecials = (text: string) =>
    specials.reduce((left, token) => left.replaceAll(token, ''), text);
  switch (order) {
    case 'skip-special':
    case 'opencompass':
      return withoutSpecials(output);
    case 'keep-special':
      return withoutSpecials(cutAt(output, until));
    case 'cut-eos':
      return cutAt(output, [eos]);
    case 'cut-eos-eot':
      return withoutSpecials(cutAt(output, [eos, family === 'llada' ? eot : chatMlTokens.end]));
  }
}
