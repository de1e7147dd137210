import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelConfig } from '../config/model.js';
import { UsageError } from '../errors.js';
import { loadChatTemplate } from '../models/chat.js';
import { bosIdOf, familyOf } from '../models/config.js';
import { specialTokens } from '../models/special-ids.js';
import { loadTokenizer } from '../models/tokenizer.js';
import { noTokenizerText } from '../models/tokenizer-files.js';
import type { PromptModel } from './loaded-model.js';

/**
 * Opens what a model folder needs to make prompts: its tokenizer and its chat template. Weights need not be there.
 *
 * @throws UsageError `MODEL_NO_TOKENIZER`, or what the tokenizer's files are damaged by.
 */
export async function openPromptModel({
  dir,
  chatTemplate,
}: Pick<ModelConfig, 'dir' | 'chatTemplate'>): Promise<PromptModel> {
  const tokenizer = await loadTokenizer(dir);
  if (tokenizer === undefined) {
    throw new UsageError('MODEL_NO_TOKENIZER', `${await noTokenizerText(dir)}; name a folder that has one.`);
  }
  const config = await readFile(join(dir, 'config.json'), 'utf8').catch(() => '{}');
  const { bos_token: bos } = tokenizer.config;
  const bosId =
    (typeof bos === 'string' ? tokenizer.id(bos) : undefined) ??
    bosIdOf(config) ??
    tokenizer.id(specialTokens.bos);
  const dimensions = { family: familyOf(config) ?? 'llada', ...(bosId === undefined ? {} : { bosId }) };
  return {
    tokenizer,
    chat: await loadChatTemplate(dir, tokenizer, chatTemplate),
    checkpoint: { dimensions },
  };
}
