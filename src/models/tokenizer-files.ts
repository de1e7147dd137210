import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import { addedTokens, tokenText } from './added-tokens.js';
import { qwen2Classes, qwen2TokenizerJson } from './qwen2-vocabulary.js';

/** Every file that a tokenizer or its chat template may come from, for digests and copies. */
export const tokenizerFileNames = [
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  'merges.txt',
  'added_tokens.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'chat_template.json',
] as const;

/** What the tokenizer files of a folder come to, in whichever of them it stands. */
export interface TokenizerFiles {
  /** As tokenizer.json: that file, or made of vocab.json and merges.txt; with all added tokens. */
  readonly json: Record<string, unknown>;
  /** As tokenizer_config.json, special tokens of special_tokens_map.json with it; those tokens are plain texts. */
  readonly config: Record<string, unknown>;
}

/**
 * The tokenizer of a model folder, or undefined where it has none that can be read: `noTokenizerText` says why.
 *
 * @throws UsageError `TOKENIZER_INVALID` for damaged files
 */
export async function readTokenizerFiles(dir: string): Promise<TokenizerFiles | undefined> {
  const config = await readConfig(dir);
  const json = (await readJsonObject(join(dir, 'tokenizer.json'))) ?? (await readVocabulary(dir, config));
  if (json === undefined) return undefined;
  const model = isJsonObject(json.model) ? json.model : {};
  const added_tokens = addedTokens(json.added_tokens, {
    vocab: isJsonObject(model.vocab) ? model.vocab : {},
    config,
    more: (await readJsonObject(join(dir, 'added_tokens.json'))) ?? {},
  });
  return { json: { ...json, added_tokens }, config };
}

/** Why `readTokenizerFiles` found none in a folder, and what to do, without a full stop. */
export async function noTokenizerText(dir: string): Promise<string> {
  const has = async (name: string) => (await readText(join(dir, name))) !== undefined;
  if (!(await has('vocab.json'))) return `${dir} has no tokenizer.json`;
  const { tokenizer_class: type } = await readConfig(dir);
  const problem = !(await has('merges.txt'))
    ? 'has vocab.json but neither tokenizer.json nor merges.txt'
    : 'has vocab.json and merges.txt but no tokenizer.json, and "tokenizer_class" of tokenizer_config.json ' +
      `is ${type === undefined ? 'missing' : JSON.stringify(type)}, not one of those that are read without it (${qwen2Classes.join(', ')})`;
  return `${dir} ${problem}; transformers writes a tokenizer.json with AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR)`;
}

async function readVocabulary(
  dir: string,
  { tokenizer_class: type }: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown> | undefined> {
  if (!qwen2Classes.includes(type)) return undefined;
  const vocab = await readJsonObject(join(dir, 'vocab.json'));
  const merges = await readText(join(dir, 'merges.txt'));
  if (vocab === undefined || merges === undefined) return undefined;
  return qwen2TokenizerJson(vocab, merges, join(dir, 'merges.txt'));
}

/** What tokenizer_config.json leaves open of special tokens, special_tokens_map.json may say. */
async function readConfig(dir: string): Promise<Record<string, unknown>> {
  const config = (await readJsonObject(join(dir, 'tokenizer_config.json'))) ?? {};
  const map = (await readJsonObject(join(dir, 'special_tokens_map.json'))) ?? {};
  const merged: Record<string, unknown> = { ...config };
  for (const [key, value] of Object.entries(map)) merged[key] ??= value;
  for (const [key, value] of Object.entries(merged)) {
    if (!key.endsWith('_token')) continue;
    const text = tokenText(value);
    if (text === undefined) {
      if (typeof value !== 'boolean') delete merged[key];
    } else merged[key] = text;
  }
  return merged;
}

/** The JSON object in a file, or undefined if there is no such file. @throws UsageError `TOKENIZER_INVALID` */
export async function readJsonObject(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Reported below, like any other content.
  }
  throw new UsageError('TOKENIZER_INVALID', `${path}: not a JSON object; download it again`);
}

/** The text of a file, or undefined if there is no such file. @throws UsageError `TOKENIZER_INVALID` */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UsageError('TOKENIZER_INVALID', `${path}: cannot be read (${code})`);
  }
}
