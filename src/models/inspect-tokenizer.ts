import { namedSpecials } from './added-tokens.js';
import { loadChatTemplate } from './chat.js';
import type { Add } from './model-finding.js';
import type { Tokenizer } from './tokenizer.js';
import type { ModelDimensions } from './types.js';

/** What a tokenizer has and lacks beside its model: ids, special tokens, and what the two disagree in. */
export function inspectTokenizer(tokenizer: Tokenizer, dimensions: ModelDimensions, add: Add): void {
  const { vocabSize } = dimensions;
  const ids = tokenizer.ids();
  const beyond = ids.filter((id) => id >= vocabSize);
  if (beyond.length > 0) {
    add(
      'tokenizer',
      'note',
      `${beyond.length} tokens have ids beyond the model's ${vocabSize}: prompts with them are refused`,
    );
  } else add('tokenizer', 'ok', `${grouped(ids.length)} of the ${grouped(vocabSize)} ids have a text`);
  inspectEnds(tokenizer, dimensions, add);
  const absent = [...new Set(namedSpecials(tokenizer.config))].filter(
    (text) => tokenizer.id(text) === undefined,
  );
  if (absent.length > 0) {
    add('tokens', 'note', `special tokens without an id, which texts never have: ${absent.join(', ')}`);
  }
  if (tokenizer.config.add_bos_token === true) {
    add(
      'tokens',
      'note',
      '"add_bos_token" is true, which is not followed: the chat template or "startOfText" of a task says whether a prompt begins with the start of text',
    );
  }
}

function inspectEnds(tokenizer: Tokenizer, { maskId, eosId, eotId, bosId }: ModelDimensions, add: Add): void {
  const shown = (id: number) => `${id} ${tokenizer.token(id) ?? '(no token)'}`;
  const { eos_token: eos } = tokenizer.config;
  const stated = typeof eos === 'string' ? tokenizer.id(eos) : undefined;
  if (tokenizer.token(eosId) === undefined) {
    add(
      'tokens',
      'broken',
      `"eos_token_id" of config.json is ${eosId}, which the tokenizer does not have; the two are of different models`,
    );
  } else if (stated !== undefined && stated !== eosId) {
    add(
      'tokens',
      'note',
      `config.json ends texts with ${shown(eosId)}, the tokenizer with ${stated} ${eos}; config.json counts`,
    );
  } else {
    const parts = [
      `mask ${shown(maskId)}`,
      `end of text ${shown(eosId)}`,
      ...(eotId === undefined ? [] : [`end of turn ${shown(eotId)}`]),
      ...(bosId === undefined ? [] : [`start of text ${shown(bosId)}`]),
    ];
    add('tokens', 'ok', parts.join(', '));
  }
}

/** @throws UsageError for a template that cannot be used */
export async function inspectTemplate(dir: string, tokenizer: Tokenizer, add: Add): Promise<void> {
  const template = await loadChatTemplate(dir, tokenizer);
  if (template === undefined) {
    return add(
      'template',
      'note',
      'none: prompts go in as they are, as for a base model; for an instruct model put its chat_template.jinja into the folder',
    );
  }
  const text = template.render([{ role: 'user', content: 'x' }]);
  add('template', 'ok', `${JSON.stringify(text)} for the message "x"`);
}

/** Digits in groups of three. */
export function grouped(n: number): string {
  return n.toLocaleString('en-US');
}
