import type { Item } from './item.js';
import type { Rng } from './rng.js';

/** A record in the schema of cais/mmlu. */
export interface MmluRecord {
  readonly question: string;
  readonly subject: string;
  readonly choices: readonly string[];
  readonly answer: number;
}

// Few facts, so that their words come up often: a model of this size is slow to tell many words apart.
const CAPITALS: readonly (readonly [string, string])[] = [
  ['France', 'Paris'],
  ['Spain', 'Madrid'],
  ['Italy', 'Rome'],
  ['Japan', 'Tokyo'],
  ['Egypt', 'Cairo'],
  ['Peru', 'Lima'],
  ['Poland', 'Warsaw'],
  ['Iraq', 'Baghdad'],
];

const ELEMENTS: readonly (readonly [string, string])[] = [
  ['Na', 'sodium'],
  ['Fe', 'iron'],
  ['Cu', 'copper'],
  ['Ag', 'silver'],
  ['Au', 'gold'],
  ['He', 'helium'],
  ['Sn', 'tin'],
  ['Pb', 'lead'],
];

const OPPOSITES: readonly (readonly [string, string])[] = [
  ['hot', 'cold'],
  ['big', 'small'],
  ['fast', 'slow'],
  ['old', 'young'],
  ['wet', 'dry'],
  ['hard', 'soft'],
  ['full', 'empty'],
  ['high', 'low'],
];

interface Family {
  readonly name: string;
  readonly subject: string;
  readonly facts: readonly (readonly [string, string])[];
  ask(cue: string): string;
}

const FAMILIES: readonly Family[] = [
  {
    name: 'capital',
    subject: 'high_school_geography',
    facts: CAPITALS,
    ask: (cue) => `What is the capital of ${cue}?`,
  },
  {
    name: 'element',
    subject: 'high_school_chemistry',
    facts: ELEMENTS,
    ask: (cue) => `Which element has the symbol ${cue}?`,
  },
  {
    name: 'opposite',
    subject: 'miscellaneous',
    facts: OPPOSITES,
    ask: (cue) => `What is the opposite of ${cue}?`,
  },
];

/** One known fact with three distractors of its own kind; held-out items are new sets of distractors. */
export function mmlu(rng: Rng): Item<MmluRecord> {
  const family = rng.pick(FAMILIES);
  const [cue, right] = rng.pick(family.facts);
  const pool = family.facts.map(([, value]) => value).filter((value) => value !== right);
  const wrong = rng.sample(pool, 3);
  const choices = rng.shuffle([right, ...wrong]);
  return {
    key: `mmlu/${family.name}/${cue}/${[...wrong].sort().join(',')}`,
    record: { question: family.ask(cue), subject: family.subject, choices, answer: choices.indexOf(right) },
  };
}
