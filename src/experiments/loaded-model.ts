import { type Device, defaultThreads, openEngine } from '../engine/open.js';
import type { StepEngine } from '../engine/types.js';
import { UsageError } from '../errors.js';
import { type ChatTemplate, loadChatTemplate } from '../models/chat.js';
import { type Checkpoint, checkpointSha256, openCheckpoint } from '../models/checkpoint.js';
import { loadTokenizer, type Tokenizer } from '../models/tokenizer.js';

/** A checkpoint with all that a benchmark needs: text in, text out, and an engine between. */
export interface LoadedModel {
  readonly checkpoint: Checkpoint;
  /** Digest over all files of the checkpoint. */
  readonly sha256: string;
  readonly tokenizer: Tokenizer;
  /** Undefined for a base model: prompts go in as they are. */
  readonly chat: ChatTemplate | undefined;
  readonly engine: StepEngine;
  /** Threads of one operator. */
  readonly threads: number;
}

/**
 * Opens a model directory for benchmarks.
 * @throws UsageError if the checkpoint is incomplete or has no tokenizer.
 */
export async function loadModel(
  dir: string,
  device: Device,
  wanted: number | undefined,
): Promise<LoadedModel> {
  const checkpoint = await openCheckpoint(dir);
  const tokenizer = await loadTokenizer(dir);
  if (tokenizer === undefined) {
    throw new UsageError(
      'MODEL_NO_TOKENIZER',
      `${dir} has no tokenizer.json, and benchmarks are text; add the tokenizer files of the checkpoint, ` +
        'or use "repro generate --prompt-ids".',
    );
  }
  const chat = await loadChatTemplate(dir, tokenizer);
  const sha256 = await checkpointSha256(checkpoint);
  const threads = wanted ?? defaultThreads(checkpoint.totalBytes);
  const engine = await openEngine(checkpoint, { device, threads });
  return { checkpoint, sha256, tokenizer, chat, engine, threads };
}

/** Ids of a user message, in the chat frame unless the task goes without. */
export function promptIds(model: LoadedModel, prompt: string, inChat: boolean): Int32Array {
  const { chat, tokenizer } = model;
  const text = chat === undefined || !inChat ? prompt : chat.render([{ role: 'user', content: prompt }]);
  return Int32Array.from(tokenizer.encode(text));
}
