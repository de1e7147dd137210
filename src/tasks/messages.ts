import type { ChatMessage, ChatTemplate } from '../models/chat.js';

/** A question and, for an example, its answer. */
export interface Shot {
  readonly text: string;
  readonly target: string;
}

/** What a prompt consists of, before it becomes one text. */
export interface PromptParts {
  /** The task's description, trailing newlines included; empty for none. */
  readonly description: string;
  /** In a chat the description begins the user's one turn, and is no system message. */
  readonly descriptionInTurn?: boolean;
  readonly shots: readonly Shot[];
  /** The question of the sample itself. */
  readonly text: string;
  /** Beginning of the answer that the model goes on from. */
  readonly genPrefix?: string | undefined;
  /** What joins them without a chat template; as lm-eval does unless told. */
  readonly join?: Join;
}

/** What stands between a question and its answer, and behind an example. */
export interface Join {
  readonly target: string;
  readonly shots: string;
}

/** How examples stand in a prompt with a chat template: a turn each, or all in the user's one turn. */
export const renderings = ['plain', 'multiturn', 'singleturn'] as const;
export type Rendering = (typeof renderings)[number];

const lmEvalJoin: Join = { target: ' ', shots: '\n\n' };

/** Description, examples and question as lm-eval joins them without a chat template. */
export function plainPrompt({ description, shots, text, genPrefix, join }: PromptParts): string {
  const prefix = genPrefix === undefined ? '' : (join ?? lmEvalJoin).target + genPrefix;
  return description + plainShots(shots, join) + text + prefix;
}

function plainShots(shots: readonly Shot[], join: Join = lmEvalJoin): string {
  return shots.map(({ text, target }) => text + join.target + target + join.shots).join('');
}

/** The messages of a chat: the description as system message, then the turns; a prefix is an open last turn. */
export function chatMessages(parts: PromptParts, rendering: Exclude<Rendering, 'plain'>): ChatMessage[] {
  const { shots, text, genPrefix, join, descriptionInTurn = false } = parts;
  const [description, inTurn] = descriptionInTurn ? ['', parts.description] : [parts.description, ''];
  const system: ChatMessage[] = description === '' ? [] : [{ role: 'system', content: description }];
  const turns: ChatMessage[] =
    rendering === 'singleturn'
      ? [{ role: 'user', content: inTurn + plainShots(shots, join) + text }]
      : [
          ...shots.flatMap((shot): ChatMessage[] => [
            { role: 'user', content: shot.text },
            { role: 'assistant', content: shot.target },
          ]),
          { role: 'user', content: text },
        ];
  const open: ChatMessage[] = genPrefix === undefined ? [] : [{ role: 'assistant', content: genPrefix }];
  return [...system, ...turns, ...open];
}

/**
 * The text that is tokenised.
 *
 * @throws UsageError `CHAT_TEMPLATE_INVALID` if the template refuses the messages
 */
export function renderPrompt(parts: PromptParts, rendering: Rendering, template: ChatTemplate): string {
  if (rendering === 'plain') return plainPrompt(parts);
  const messages = chatMessages(parts, rendering);
  return parts.genPrefix === undefined ? template.render(messages) : template.renderOpen(messages);
}
