import type { ModelConfig } from '../config/model.js';
import type { Device } from '../engine/device.js';
import { defaultThreads, openEngine } from '../engine/open.js';
import type { StepEngine } from '../engine/types.js';
import { UsageError } from '../errors.js';
import { type ChatTemplate, loadChatTemplate } from '../models/chat.js';
import { type Checkpoint, checkpointSha256, openCheckpoint } from '../models/checkpoint.js';
import { loadTokenizer, type Tokenizer } from '../models/tokenizer.js';
import { noTokenizerText } from '../models/tokenizer-files.js';
import type { ModelDimensions } from '../models/types.js';
import { type PromptParts, plainPrompt, renderPrompt } from '../tasks/messages.js';
import type { TaskSpec } from '../tasks/spec.js';

/** A checkpoint with all that a benchmark needs but the engine: text in, text out. */
export interface OpenModel {
  readonly config: ModelConfig;
  readonly checkpoint: Checkpoint;
  /** Digest over all files of the checkpoint. */
  readonly sha256: string;
  readonly tokenizer: Tokenizer;
  /** Undefined for a base model: prompts go in as they are. */
  readonly chat: ChatTemplate | undefined;
  /** Threads of one operator. */
  readonly threads: number;
}

/** A model with a session of its own. */
export interface LoadedModel extends OpenModel {
  readonly engine: StepEngine;
}

/**
 * Opens a model directory for benchmarks.
 * @throws UsageError if the checkpoint is incomplete or has no tokenizer.
 */
export async function openModel(config: ModelConfig, wantedThreads: number | undefined): Promise<OpenModel> {
  const { dir } = config;
  const checkpoint = await openCheckpoint(dir);
  const tokenizer = await loadTokenizer(dir);
  if (tokenizer === undefined) {
    throw new UsageError(
      'MODEL_NO_TOKENIZER',
      `benchmarks are text, and ${await noTokenizerText(dir)}; add the tokenizer files of the checkpoint, or use ` +
        '"repro generate --prompt-ids".',
    );
  }
  const chat = await loadChatTemplate(dir, tokenizer, config.chatTemplate);
  const sha256 = await checkpointSha256(checkpoint);
  const threads = wantedThreads ?? defaultThreads(checkpoint.totalBytes);
  return { config, checkpoint, sha256, tokenizer, chat, threads };
}

/** Opens `count` sessions of a model, each in a worker thread of its own, and closes them when `use` is done. */
export async function withEngines<T>(
  model: OpenModel,
  device: Device,
  count: number,
  use: (models: readonly [LoadedModel, ...LoadedModel[]]) => Promise<T>,
): Promise<T> {
  const { checkpoint, threads, config } = model;
  const opened: LoadedModel[] = [];
  try {
    while (opened.length < count) {
      opened.push({ ...model, engine: await openEngine(checkpoint, { device, threads, half: config.half }) });
    }
    return await use(opened as [LoadedModel, ...LoadedModel[]]);
  } finally {
    await Promise.all(opened.map(({ engine }) => engine.close().catch(() => undefined)));
  }
}

/** What turns prompts into ids: a model without its weights. */
export interface PromptModel {
  readonly tokenizer: Tokenizer;
  /** Undefined for a base model. */
  readonly chat: ChatTemplate | undefined;
  readonly checkpoint: { readonly dimensions: Pick<ModelDimensions, 'family' | 'bosId'> };
}

/** The frame of a prompt, as a task file has it. */
export type PromptFrame = Pick<TaskSpec, 'chat' | 'rendering' | 'startOfText'>;

/** Ids of a prompt, in the chat frame unless the task or a base model goes without. */
export function promptIds(model: PromptModel, parts: PromptParts, frame: PromptFrame): Int32Array {
  const ids = model.tokenizer.encode(promptText(model, parts, frame));
  const { bosId } = model.checkpoint.dimensions;
  const startsText = chatOf(model, frame) === undefined && frame.startOfText && bosId !== undefined;
  return Int32Array.from(startsText ? [bosId, ...ids] : ids);
}

/** The text that becomes ids. */
export function promptText(model: PromptModel, parts: PromptParts, frame: PromptFrame): string {
  const chat = chatOf(model, frame);
  return chat === undefined ? plainPrompt(parts) : renderPrompt(parts, frame.rendering, chat);
}

/** The template that a prompt goes through, if any. */
function chatOf({ chat, checkpoint }: PromptModel, frame: PromptFrame): ChatTemplate | undefined {
  const inChat = frame.chat === 'dream' ? checkpoint.dimensions.family === 'dream' : frame.chat;
  return inChat ? chat : undefined;
}
