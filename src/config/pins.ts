import { z } from 'zod';
import { packageRoot } from '../paths.js';
import { filterSpec, metricSpec } from '../scoring/spec.js';
import type { DataSource } from '../tasks/data/source.js';
import { loadTask } from '../tasks/library.js';

const filterKinds = filterSpec.options.map((option) => option.shape.kind.value);
const metricKinds = metricSpec.options.map((option) => option.shape.kind.value);

/** What an experiment takes for granted of a task file: each of these decides scores. */
export const pinSchema = z.strictObject({
  version: z.number().int().positive().describe('`version` of the task file.'),
  scorer: z.string().min(1).optional().describe('Name of the deciding scorer, the first one.'),
  filter: z.enum(filterKinds).optional().describe('How it reads the answer.'),
  metric: z.enum(metricKinds).optional().describe('How it compares the answer.'),
  data: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('sha256 of the data file, and so which records the seeded order is drawn from.'),
});

export type TaskPin = z.output<typeof pinSchema>;

/** A pin that its task no longer matches. */
export interface BrokenPin {
  readonly key: keyof TaskPin;
  /** A sentence part: `the task file says 2`. */
  readonly found: string;
}

/** The first thing that a task has changed since it was pinned. Reads the data file if its hash is pinned. */
export function brokenPin(
  benchmark: string,
  profile: string,
  pin: TaskPin,
  root: string = packageRoot,
  source: DataSource = {},
): BrokenPin | undefined {
  const task = loadTask(benchmark, profile, root, source);
  const [deciding] = task.scorers;
  const file = `tasks/${benchmark}.${profile}.yaml`;
  const says = (value: string | number) => `${file} has ${typeof value === 'string' ? `"${value}"` : value}`;
  if (pin.version !== task.spec.version) return { key: 'version', found: says(task.spec.version) };
  if (pin.scorer !== undefined && pin.scorer !== deciding.name)
    return { key: 'scorer', found: says(deciding.name) };
  if (pin.filter !== undefined && pin.filter !== deciding.filter.kind)
    return { key: 'filter', found: says(deciding.filter.kind) };
  if (pin.metric !== undefined && pin.metric !== deciding.metric.kind)
    return { key: 'metric', found: says(deciding.metric.kind) };
  if (pin.data !== undefined && pin.data !== task.dataSha256)
    return { key: 'data', found: `${task.dataFile} has the sha256 ${task.dataSha256}` };
  return undefined;
}
