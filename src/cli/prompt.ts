import { readFileSync } from 'node:fs';
import { counted } from '../counted.js';
import { UsageError } from '../errors.js';
import { loadChatTemplate } from '../models/chat.js';
import type { Checkpoint } from '../models/checkpoint.js';
import type { Tokenizer } from '../models/tokenizer.js';

/** Where the prompt of a generation comes from. */
export type PromptSource =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ids'; readonly ids: readonly number[] };

export interface PromptFlags {
  readonly prompt?: string | undefined;
  readonly promptIds?: string | undefined;
  readonly promptFile?: string | undefined;
}

/** Reads what exactly one of the prompt flags gives. @throws UsageError `PROMPT` */
export function readPromptFlags({ prompt, promptIds, promptFile }: PromptFlags): PromptSource {
  const given = [prompt, promptIds, promptFile].filter((value) => value !== undefined);
  if (given.length !== 1) {
    const problem = given.length === 0 ? 'there is no prompt' : 'there is more than one prompt';
    throw new UsageError(
      'PROMPT',
      `${problem}: give one of --prompt TEXT, --prompt-ids 1,2,3 and --prompt-file FILE.`,
    );
  }
  if (promptIds !== undefined) return { kind: 'ids', ids: parseIds(promptIds) };
  const text = prompt ?? readPromptFile(promptFile!);
  if (text.trim() === '') {
    throw new UsageError(
      'PROMPT',
      `the prompt is empty: ${prompt === undefined ? promptFile : '--prompt'} has no text.`,
    );
  }
  return { kind: 'text', text };
}

function parseIds(list: string): number[] {
  if (list.trim() === '') throw new UsageError('PROMPT', 'the prompt is empty: --prompt-ids has no ids.');
  return list.split(',').map((word) => {
    const text = word.trim();
    if (!/^\d{1,9}$/.test(text)) {
      throw new UsageError('PROMPT', `--prompt-ids: "${text}" is not a token id; write them as 1,2,3.`);
    }
    return Number(text);
  });
}

function readPromptFile(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new UsageError('PROMPT', `--prompt-file ${path}: ${problem}.`);
  }
}

/**
 * Ids of the prompt: text goes through the chat template, where the model has one, and the tokenizer.
 *
 * @throws UsageError `PROMPT` for ids outside of the vocabulary, text without a tokenizer, or a prompt that
 * leaves no room for the response
 */
export async function promptIdsOf(
  source: PromptSource,
  { dir, dimensions }: Checkpoint,
  tokenizer: Tokenizer | undefined,
  genLength: number,
): Promise<Int32Array> {
  let ids: readonly number[];
  if (source.kind === 'ids') {
    ids = source.ids;
  } else {
    if (tokenizer === undefined) {
      throw new UsageError(
        'PROMPT',
        `${dir} has no tokenizer.json, so text has no ids; use --prompt-ids 1,2,3.`,
      );
    }
    const template = await loadChatTemplate(dir, tokenizer);
    ids = tokenizer.encode(template?.render([{ role: 'user', content: source.text }]) ?? source.text);
  }
  const { vocabSize, maxSequenceLength } = dimensions;
  const outside = ids.find((id) => id >= vocabSize);
  if (outside !== undefined) {
    throw new UsageError(
      'PROMPT',
      `prompt id ${outside} is outside of the model's vocabulary of ${vocabSize} ids (0 to ${vocabSize - 1}).`,
    );
  }
  if (ids.length + genLength > maxSequenceLength) {
    const room = maxSequenceLength - ids.length;
    const advice = room < 1 ? 'shorten the prompt' : `shorten the prompt or use at most --gen-length ${room}`;
    throw new UsageError(
      'PROMPT',
      `the prompt of ${counted(ids.length, 'token')} and a response of ${genLength} exceed the model's ` +
        `${maxSequenceLength} positions; ${advice}.`,
    );
  }
  return Int32Array.from(ids);
}
