import { DecodingError } from '../decoding/errors.js';
import type { Generation } from '../decoding/settings.js';
import type { Device } from '../engine/device.js';
import { contextLength } from '../models/context.js';
import type { ModelDimensions } from '../models/types.js';

/** Of the settings what decides how long a canvas may be. */
export type CanvasSettings = Pick<Generation, 'genLength' | 'longCanvas'>;

/**
 * Tokens that a canvas may have: those that the model was made for, unless the settings go beyond. Rotary positions
 * have no end, so a processor takes any length then; the graphs of a GPU are built for the length in config.json.
 */
export function maxCanvas(
  dimensions: ModelDimensions,
  { longCanvas }: Pick<Generation, 'longCanvas'>,
  device: Device,
): number {
  if (longCanvas !== 'decode') return contextLength(dimensions);
  return device === 'cpu' ? Number.POSITIVE_INFINITY : dimensions.maxSequenceLength;
}

/** Why a prompt and its response do not fit, and what to type instead; undefined where they do. */
export function lengthFault(
  promptTokens: number,
  settings: CanvasSettings,
  dimensions: ModelDimensions,
  device: Device,
): string | undefined {
  const { genLength, longCanvas } = settings;
  const most = maxCanvas(dimensions, settings, device);
  if (promptTokens + genLength <= most) return undefined;
  const isGraph = longCanvas === 'decode';
  const room = most - promptTokens;
  const ways = [
    'take a shorter prompt (a task with fewer examples)',
    ...(room < 1 ? [] : [`set generation.genLength (--gen-length) to ${room} or less`]),
    isGraph ? 'use --device cpu' : 'set generation.longCanvas=decode to decode it all the same',
  ];
  return (
    `a prompt of ${promptTokens} and a response of ${genLength} tokens make ${promptTokens + genLength}, more than the ` +
    `${most} that ${isGraph ? `the graphs for ${device} are` : 'the model was'} made for; ${ways.slice(0, -1).join(', ')}, or ${ways.at(-1)}`
  );
}

/**
 * Refuses a prompt that the model cannot decode from.
 *
 * @throws DecodingError `CANVAS_TOO_LONG`; `PROMPT_ID` for an id that has no row in the embedding; `PROMPT_MASK` for a mask,
 * which stands for a token to be decoded and would be read as one
 */
export function refusePrompt(
  ids: Int32Array,
  settings: CanvasSettings,
  dimensions: ModelDimensions,
  device: Device,
): void {
  const { vocabSize, maskId } = dimensions;
  const at = ids.findIndex((id) => id >= vocabSize || id < 0 || id === maskId);
  if (at >= 0 && ids[at] === maskId) {
    throw new DecodingError(
      'PROMPT_MASK',
      `prompt id ${maskId} (token ${at + 1}) is the mask, which stands for a token that is still to be decoded; leave it out`,
    );
  }
  if (at >= 0) {
    throw new DecodingError(
      'PROMPT_ID',
      `prompt id ${ids[at]} (token ${at + 1}) is outside of the model's vocabulary of ${vocabSize} ids (0 to ${vocabSize - 1})`,
    );
  }
  const fault = lengthFault(ids.length, settings, dimensions, device);
  if (fault !== undefined) throw new DecodingError('CANVAS_TOO_LONG', fault);
}
