import { loadChatTemplate } from '../models/chat.js';
import type { Checkpoint } from '../models/checkpoint.js';
import type { TemplateChoice } from '../models/template-choice.js';
import { loadTokenizer } from '../models/tokenizer.js';
import { type PromptModel, promptIds } from './loaded-model.js';
import type { PlannedGroup } from './plan.js';

/** Tokens of a prompt where there is no tokenizer to ask. */
const typicalPromptTokens = 128;

/** Prompts of a benchmark that are tokenised for its mean length. */
const promptSamples = 16;

/** Mean lengths of the prompts of benchmarks, for one model. */
export class PromptLengths {
  readonly #model: PromptModel | undefined;
  readonly #known = new Map<string, number>();

  private constructor(model: PromptModel | undefined) {
    this.#model = model;
  }

  static async open(checkpoint: Checkpoint, chatTemplate?: TemplateChoice): Promise<PromptLengths> {
    const tokenizer = await loadTokenizer(checkpoint.dir);
    if (tokenizer === undefined) return new PromptLengths(undefined);
    return new PromptLengths({
      tokenizer,
      chat: await loadChatTemplate(checkpoint.dir, tokenizer, chatTemplate),
      checkpoint,
    });
  }

  /** Mean length of the first prompts of a benchmark, in tokens. */
  async of({ benchmark, profile, task }: PlannedGroup): Promise<number> {
    const key = `${benchmark} ${profile}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const model = this.#model;
    const lengths = (await task.samples())
      .slice(0, promptSamples)
      .map(({ parts }) => (model ? promptIds(model, parts, task.spec).length : typicalPromptTokens));
    const mean = Math.round(lengths.reduce((a, b) => a + b, 0) / lengths.length);
    this.#known.set(key, mean);
    return mean;
  }
}
