import { readFileSync } from 'node:fs';
import { DecodingError } from '../decoding/errors.js';
import type { Device } from '../engine/device.js';
import { UsageError } from '../errors.js';
import { type CanvasSettings, refusePrompt } from '../experiments/prompt-fit.js';
import { loadChatTemplate } from '../models/chat.js';
import type { Checkpoint } from '../models/checkpoint.js';
import type { TemplateChoice } from '../models/template-choice.js';
import type { Tokenizer } from '../models/tokenizer.js';
import { noTokenizerText } from '../models/tokenizer-files.js';
import { parsePromptIds } from './prompt-ids.js';

/** Where the prompt of a generation comes from. */
export type PromptSource =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ids'; readonly ids: readonly number[] };

export interface PromptFlags {
  readonly prompt?: string | undefined;
  readonly promptIds?: string | undefined;
  readonly promptFile?: string | undefined;
  readonly promptIdsFile?: string | undefined;
}

/** Reads what exactly one of the prompt flags gives. @throws UsageError `PROMPT` */
export function readPromptFlags(flags: PromptFlags): PromptSource {
  const { prompt, promptIds, promptFile, promptIdsFile } = flags;
  const given = [prompt, promptIds, promptFile, promptIdsFile].filter((value) => value !== undefined);
  if (given.length !== 1) {
    const problem = given.length === 0 ? 'there is no prompt' : 'there is more than one prompt';
    throw new UsageError(
      'PROMPT',
      `${problem}: give one of --prompt TEXT, --prompt-file FILE, --prompt-ids 1,2,3 and --prompt-ids-file FILE.`,
    );
  }
  if (promptIds !== undefined) return { kind: 'ids', ids: parsePromptIds(promptIds, '--prompt-ids') };
  if (promptIdsFile !== undefined) {
    const origin = `--prompt-ids-file ${promptIdsFile}`;
    return { kind: 'ids', ids: parsePromptIds(readPrompt(promptIdsFile, origin), origin) };
  }
  const text = prompt ?? readPrompt(promptFile!, `--prompt-file ${promptFile}`);
  if (text.trim() === '') {
    throw new UsageError(
      'PROMPT',
      `the prompt is empty: ${prompt === undefined ? promptFile : '--prompt'} has no text.`,
    );
  }
  return { kind: 'text', text };
}

function readPrompt(path: string, origin: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new UsageError('PROMPT', `${origin}: ${problem}.`);
  }
}

/** What a prompt is to meet. */
export interface PromptTarget {
  readonly checkpoint: Checkpoint;
  /** Undefined for a model without one. */
  readonly tokenizer: Tokenizer | undefined;
  readonly chatTemplate: TemplateChoice | undefined;
  readonly generation: CanvasSettings;
  readonly device: Device;
}

/**
 * Ids of the prompt: text goes through the chat template, where the model has one, and the tokenizer.
 *
 * @throws UsageError `PROMPT` for text without a tokenizer, and for what `refusePrompt` refuses
 */
export async function promptIdsOf(source: PromptSource, target: PromptTarget): Promise<Int32Array> {
  const { checkpoint, generation, device } = target;
  const { dir, dimensions } = checkpoint;
  const ids = Int32Array.from(source.kind === 'ids' ? source.ids : await textIds(source.text, dir, target));
  try {
    refusePrompt(ids, generation, dimensions, device);
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    throw new UsageError('PROMPT', `${error.message}.`);
  }
  return ids;
}

async function textIds(
  text: string,
  dir: string,
  { tokenizer, chatTemplate }: PromptTarget,
): Promise<number[]> {
  if (tokenizer === undefined) {
    throw new UsageError(
      'PROMPT',
      `text has no ids, because ${await noTokenizerText(dir)}; use --prompt-ids 1,2,3.`,
    );
  }
  const template = await loadChatTemplate(dir, tokenizer, chatTemplate);
  return tokenizer.encode(template?.render([{ role: 'user', content: text }]) ?? text);
}

/** What is odd about the ids of a prompt and of its response, in sentences: ids that have a row in the embedding but no token. */
export function unknownIdNotices(
  promptIds: Int32Array,
  responseIds: Int32Array,
  tokenizer: Tokenizer | undefined,
): string[] {
  if (tokenizer === undefined) return [];
  const unknown = (ids: Int32Array) => [...new Set(ids)].filter((id) => tokenizer.token(id) === undefined);
  const shown = (ids: readonly number[]) => ids.slice(0, 5).join(', ') + (ids.length > 5 ? ', ...' : '');
  const [inPrompt, inResponse] = [unknown(promptIds), unknown(responseIds)];
  return [
    ...(inPrompt.length === 0
      ? []
      : [
          `the tokenizer has no token for ${shown(inPrompt)} of the prompt; the model was never trained on such ids`,
        ]),
    ...(inResponse.length === 0
      ? []
      : [
          `the tokenizer has no token for ${shown(inResponse)} of the response; the text shows <id> for them`,
        ]),
  ];
}
