import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import { chatMlTokens, specialTokens } from './special-ids.js';
import type { BuiltInTemplate, TemplateChoice } from './template-choice.js';
import type { Tokenizer } from './tokenizer.js';
import { readJsonObject, readText } from './tokenizer-files.js';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/**
 * What LLaDA's own template does: the start-of-text token before the first message, trimmed contents, and the
 * assistant's header at the end whether or not it was asked for.
 */
const lladaTemplate =
  `{% for message in messages %}{% if loop.first %}{{ bos_token }}{% endif %}` +
  `{{ '${specialTokens.headerStart}' + message['role'] + '${specialTokens.headerEnd}\n\n' }}` +
  `{{ message['content'] | trim }}{{ '${specialTokens.eot}' }}{% endfor %}` +
  `{{ '${specialTokens.headerStart}assistant${specialTokens.headerEnd}\n\n' }}`;

/**
 * What Dream-v0-Instruct's template (Qwen2.5's ChatML) does without tools: a default system turn where the first
 * message is none, contents as they are, no start-of-text token.
 */
const chatMlTemplate =
  `{% if messages[0]['role'] != 'system' %}` +
  `{{ '${chatMlTokens.start}system\nYou are a helpful assistant.${chatMlTokens.end}\n' }}{% endif %}` +
  `{% for message in messages %}{{ '${chatMlTokens.start}' + message['role'] + '\n' }}` +
  `{{ message['content'] + '${chatMlTokens.end}\n' }}{% endfor %}` +
  `{% if add_generation_prompt %}{{ '${chatMlTokens.start}assistant\n' }}{% endif %}`;

/** LLaDA's or Dream's (Qwen2.5's ChatML) own template, with its special tokens. */
export function builtInTemplate(name: BuiltInTemplate): ChatTemplate {
  return name === 'llada'
    ? new ChatTemplate(lladaTemplate, { bos_token: specialTokens.bos })
    : new ChatTemplate(chatMlTemplate, {});
}

/** Turns messages into the prompt text of a chat model. */
export class ChatTemplate {
  /** The Jinja text; hash it for a manifest. */
  readonly source: string;
  readonly #template: Template;
  readonly #specials: Readonly<Record<string, string>>;

  /** @param specials `bos_token`, `eos_token` and the like, as the template may name them. */
  constructor(source: string, specials: Readonly<Record<string, string>>) {
    this.source = source;
    this.#specials = specials;
    try {
      this.#template = new Template(source);
    } catch (error) {
      throw new UsageError('CHAT_TEMPLATE_INVALID', `the chat template does not parse (${messageOf(error)})`);
    }
  }

  /**
   * The prompt text, with the header of the assistant's turn at its end.
   *
   * @throws UsageError if the template refuses the messages.
   */
  render(messages: readonly ChatMessage[]): string {
    return this.#render(messages, true);
  }

  /**
   * The prompt text with the last message left open, so that the response goes on where it stops: cut right after
   * its text, as transformers does for `continue_final_message`. White space at its end stays only where the
   * template keeps it.
   *
   * @throws UsageError if the template refuses the messages or does not show the last one.
   */
  renderOpen(messages: readonly ChatMessage[]): string {
    const text = this.#render(messages, false);
    const content = messages.at(-1)?.content ?? '';
    const at = text.lastIndexOf(content.trim());
    if (at < 0 || content.trim() === '') {
      throw new UsageError('CHAT_TEMPLATE_INVALID', 'the chat template does not show the text to go on from');
    }
    const whole = content.trimStart();
    return text.slice(0, at + (text.startsWith(whole, at) ? whole : content.trim()).length);
  }

  /** What most likely helps: to name the special tokens that the template uses, or to mend the template. */
  #remedy(): string {
    const used = [...new Set(this.source.match(/\b(?:bos|eos|pad|unk|sep|cls|mask)_token\b/g))];
    const absent = used.filter((name) => this.#specials[name] === undefined);
    return absent.length > 0
      ? `name ${absent.map((name) => `"${name}"`).join(' and ')}, which it uses, in tokenizer_config.json`
      : 'mend "chat_template" in tokenizer_config.json, or chat_template.jinja';
  }

  #render(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
    try {
      return this.#template.render({
        ...this.#specials,
        messages,
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (error) {
      throw new UsageError(
        'CHAT_TEMPLATE_INVALID',
        `the chat template refuses these messages (it says: ${messageOf(error)}); ${this.#remedy()}`,
      );
    }
  }
}

/**
 * The chat template of a model directory: chat_template.jinja, else `chat_template` of chat_template.json or
 * tokenizer_config.json, else LLaDA's or Dream's own if the tokenizer has its tokens, else undefined (a base model:
 * prompts go in as they are).
 *
 * @param choice What a model file says in its place.
 * @throws UsageError `CHAT_TEMPLATE_INVALID` for one that is there but cannot be used
 */
export async function loadChatTemplate(
  dir: string,
  tokenizer: Tokenizer,
  choice: TemplateChoice = 'own',
): Promise<ChatTemplate | undefined> {
  if (choice === 'none') return undefined;
  if (choice !== 'own') return builtInTemplate(choice);
  const specials = specialTokenTexts(tokenizer.config);
  const source = await ownTemplate(dir, tokenizer.config);
  if (source !== undefined) return new ChatTemplate(source, specials);
  const hasAll = (tokens: readonly string[]) => tokens.every((token) => tokenizer.id(token) !== undefined);
  const { bos, eot, headerStart, headerEnd } = specialTokens;
  if (hasAll([bos, eot, headerStart, headerEnd])) {
    return new ChatTemplate(lladaTemplate, { bos_token: bos, ...specials });
  }
  return hasAll(Object.values(chatMlTokens)) ? new ChatTemplate(chatMlTemplate, specials) : undefined;
}

async function ownTemplate(
  dir: string,
  config: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const jinja = await readText(join(dir, 'chat_template.jinja'));
  if (jinja !== undefined) return jinja;
  const path = join(dir, 'chat_template.json');
  const json = await readJsonObject(path);
  if (json !== undefined) return templateOf(json.chat_template, path);
  return templateOf(config.chat_template, join(dir, 'tokenizer_config.json'));
}

/**
 * A template as such, or the one called "default" in a list of named ones; null is none.
 * @throws UsageError `CHAT_TEMPLATE_INVALID`
 */
function templateOf(value: unknown, file: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  const refuse = (problem: string): never => {
    throw new UsageError(
      'CHAT_TEMPLATE_INVALID',
      `${file}: "chat_template" ${problem}; write the one to use into chat_template.jinja, which comes first.`,
    );
  };
  if (!Array.isArray(value)) return refuse('is neither text nor a list of { name, template }');
  const entries = value.filter(isJsonObject);
  const named = entries.find(({ name }) => name === 'default');
  if (typeof named?.template === 'string') return named.template;
  return refuse(
    `is a list without one called "default" (${entries.map(({ name }) => String(name)).join(', ') || 'empty'})`,
  );
}

/** `bos_token: "<s>"`, where the config holds the text itself or an object with it as `content`. */
function specialTokenTexts(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!key.endsWith('_token')) continue;
    const text = isJsonObject(value) ? value.content : value;
    if (typeof text === 'string') texts[key] = text;
  }
  return texts;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
