import { isJsonObject } from '../../../formats/json.js';
import type { DataSet } from '../data-set.js';

const upstreamSplit: Readonly<Record<string, string>> = { train: 'Train', validation: 'Dev', test: 'Test' };

/** Science questions of the harder kind (Clark et al. 2018). */
export const arc: DataSet = {
  id: 'arc',
  records: 'arc',
  title: 'ARC-Challenge',
  hub: 'allenai/ai2_arc',
  pull: [/^ARC-Challenge\/(train|validation|test)-.*\.parquet$/],
  gated: false,
  licence: 'CC BY-SA 4.0',
  upstream: "ARC-V1-Feb2018-2.zip of AI2's site, ARC-Challenge/ARC-Challenge-{Train,Dev,Test}.jsonl",
  folders: ['arc_challenge', 'arc', 'ARC-Challenge', 'ai2_arc', 'ARC-V1-Feb2018-2'],
  splitWords: { dev: 'validation' },
  rows: { train: 1119, validation: 299, test: 1172 },
  layouts: [
    {
      kind: 'upstream',
      files: (split) => {
        const name = `ARC-Challenge-${upstreamSplit[split]}`;
        return [`${split}.jsonl`, `${name}.jsonl`, `ARC-Challenge/${name}.jsonl`, `${name}*.jsonl`];
      },
      normalise: (row) => (isJsonObject(row.question) ? fromUpstream(row) : row),
    },
    { kind: 'hub', files: (split) => [`ARC-Challenge/${split}-*.parquet`, `${split}-*.parquet`] },
  ],
};

/** `{"question": {"stem", "choices": [{"text", "label"}]}, "answerKey"}` as the hub has it. */
function fromUpstream({ id, question, answerKey }: Readonly<Record<string, unknown>>): unknown {
  const { stem, choices } = question as { stem?: unknown; choices?: unknown };
  const column = (name: string) =>
    Array.isArray(choices) ? choices.map((choice) => (isJsonObject(choice) ? choice[name] : undefined)) : [];
  return { id, question: stem, choices: { text: column('text'), label: column('label') }, answerKey };
}
