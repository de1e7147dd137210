import { dirname } from 'node:path';
import type { DecodeResult } from '../decoding/loop.js';
import { makeFolders, writeWhole } from '../formats/files.js';
import type { Tokenizer } from '../models/tokenizer.js';
import { type PromptRow, promptFormat, promptSchemaVersion } from '../results/prompts.js';
import { RowLog } from '../results/row-log.js';
import type { SampleRow } from '../results/samples.js';
import { traceFrame, tracePath, traceText } from '../results/trace-file.js';
import { type LoadedModel, promptText } from './loaded-model.js';
import type { PlannedSample } from './plan.js';
import type { RunFiles } from './run-dir.js';

/** What one sample of a run has become. */
export interface FinishedSample {
  readonly row: SampleRow;
  /** Undefined where decoding failed. */
  readonly result: DecodeResult | undefined;
}

/**
 * What a run keeps of its samples beside their rows, for people to look at: the text of each prompt once, and traces of
 * the first samples of each cell. It is written before the row, so that a sample that counts as done has it.
 */
export class SampleFiles {
  readonly #files: Pick<RunFiles, 'traces'>;
  readonly #prompts: RowLog<PromptRow>;
  /** Digests of the prompts that are in the log, or on their way there. */
  readonly #known: Set<string>;
  readonly #traces: number;

  private constructor(files: Pick<RunFiles, 'traces'>, prompts: RowLog<PromptRow>, traces: number) {
    this.#files = files;
    this.#prompts = prompts;
    this.#known = new Set(prompts.rows.map(promptFormat.key));
    this.#traces = traces;
  }

  /**
   * @param traces Samples of each cell whose traces are kept.
   * @throws UsageError for a damaged prompts.jsonl
   */
  static async open(files: RunFiles, traces: number): Promise<SampleFiles> {
    return new SampleFiles(files, await RowLog.open(files.prompts, promptFormat), traces);
  }

  async keep(planned: PlannedSample, model: LoadedModel, { row, result }: FinishedSample): Promise<void> {
    await this.#keepPrompt(planned, model, row);
    if (result !== undefined && this.isTraced(planned)) await this.#keepTrace(planned, model, row, result);
  }

  close(): Promise<void> {
    return this.#prompts.close();
  }

  async #keepPrompt({ group, sample }: PlannedSample, model: LoadedModel, row: SampleRow): Promise<void> {
    const { promptSha256, benchmark } = row;
    if (group.task.confidential || this.#known.has(promptSha256)) return;
    this.#known.add(promptSha256);
    const text = promptText(model, sample.parts, group.task.spec);
    await this.#prompts.append({
      schema: promptSchemaVersion,
      ...{ promptSha256, benchmark, sample: sample.id, text, target: sample.target },
    });
  }

  /** Whether the trace of a sample is kept; never of a confidential one: traces hold the prompt. */
  isTraced({ group, sample }: PlannedSample): boolean {
    return !group.task.confidential && group.samples.slice(0, this.#traces).includes(sample);
  }

  async #keepTrace(
    { cell, sample }: PlannedSample,
    { config, checkpoint, tokenizer }: LoadedModel,
    { promptTokens }: SampleRow,
    { tokens, steps }: DecodeResult,
  ): Promise<void> {
    const { method, generation } = cell;
    const { maskId } = checkpoint.dimensions;
    const frame = {
      ...traceFrame({ model: config.id, method, generation, maskId }),
      ...{ cell: cell.id, sample: sample.id, texts: textsOf(tokens, tokenizer) },
    };
    const path = tracePath(this.#files.traces, frame);
    await makeFolders(dirname(path));
    await writeWhole(path, traceText(frame, tokens.subarray(0, promptTokens), steps));
  }
}

/** The text of every token by its id; a part of a character reads as the sign for what cannot be shown. */
function textsOf(tokens: Int32Array, tokenizer: Tokenizer): Record<string, string> {
  const ids = [...new Set(tokens)].sort((a, b) => a - b);
  return Object.fromEntries(
    ids.map((id) => [id, tokenizer.decode([id], { skipSpecialTokens: false, unknown: 'show' })]),
  );
}
