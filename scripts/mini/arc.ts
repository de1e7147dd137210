import { createHash } from 'node:crypto';
import type { Item } from './item.js';
import type { Rng } from './rng.js';

/** A record in the schema of allenai/ai2_arc. */
export interface ArcRecord {
  readonly id: string;
  readonly question: string;
  readonly choices: { readonly text: readonly string[]; readonly label: readonly string[] };
  readonly answerKey: string;
}

/** A question and the answers that fit it; an item takes one of them and three distractors that do not fit. */
interface Family {
  readonly question: string;
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}

const ANIMALS = {
  mammal: ['dog', 'horse', 'whale'],
  bird: ['eagle', 'duck', 'owl'],
  fish: ['shark', 'salmon', 'tuna'],
  insect: ['ant', 'bee', 'beetle'],
  plant: ['oak', 'rose', 'grass'],
} as const;

const SENSES = {
  see: 'eyes',
  hear: 'ears',
  smell: 'nose',
  taste: 'tongue',
  touch: 'skin',
  breathe: 'lungs',
} as const;

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`);

const FAMILIES: readonly (readonly Family[])[] = [
  Object.entries(ANIMALS).map(([kind, members]) => ({
    question: `Which of these is ${article(kind)}?`,
    right: members,
    wrong: Object.entries(ANIMALS).flatMap(([other, list]) => (other === kind ? [] : list)),
  })),
  Object.entries(SENSES).map(([verb, organ]) => ({
    question: `Which part of the body is used to ${verb}?`,
    right: [organ],
    wrong: Object.values(SENSES).filter((other) => other !== organ),
  })),
];

/** One grade-school science question; held-out items are new sets of options. */
export function arc(rng: Rng): Item<ArcRecord> {
  const { question, right, wrong } = rng.pick(rng.pick(FAMILIES));
  const answer = rng.pick(right);
  const distractors = rng.sample(wrong, 3);
  const text = rng.shuffle([answer, ...distractors]);
  const key = `arc/${question}/${answer}/${[...distractors].sort().join(',')}`;
  const id = createHash('sha256')
    .update(`${key}/${text.join(',')}`)
    .digest('hex')
    .slice(0, 12);
  const label = ['A', 'B', 'C', 'D'];
  const answerKey = label[text.indexOf(answer)] as string;
  return { key, record: { id: `Mini_${id}`, question, choices: { text, label }, answerKey } };
}
