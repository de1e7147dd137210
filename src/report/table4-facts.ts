import { join } from 'node:path';
import { loadExperiment } from '../config/experiment.js';
import { loadMethod, type MethodConfig, type SettingsId } from '../config/method.js';
import { generationOf, resolveExperiment } from '../config/resolve-experiment.js';
import type { Generation } from '../decoding/settings.js';
import { packageRoot } from '../paths.js';
import { type Certainty, type PaperRow, readPaperRows } from '../results/paper.js';
import { listTasks, loadTask } from '../tasks/library.js';

/** A published value and how it is known. */
export interface PublishedSetting {
  /** A number, or a rule such as `gen_len/8`. */
  readonly value: string;
  readonly certainty: Certainty;
  readonly source: string;
}

export const lengthKeys = ['genLength', 'blockLength', 'steps'] as const;
export type LengthKey = (typeof lengthKeys)[number];

/** What the publication calls them. */
const lengthMetrics: Readonly<Record<LengthKey, string>> = {
  genLength: 'generation length',
  blockLength: 'block length',
  steps: 'steps',
};

/** One length of a benchmark, in tokens or passes. */
export interface LengthFact {
  readonly benchmark: string;
  readonly title: string;
  readonly setting: LengthKey;
  readonly published: PublishedSetting | null;
  /** Of the task file for real checkpoints; null where that profile has none. */
  readonly task: number | null;
  /** Of Table 1 on the reference model. */
  readonly reference: number;
}

/** One setting of a method, as published for a model. */
export interface MethodFact {
  readonly method: string;
  readonly name: string;
  /** What the publication calls the model. */
  readonly model: string;
  /** What it calls the setting. */
  readonly setting: string;
  /** Where our value stands, as `--set` takes it. */
  readonly path: string;
  readonly published: PublishedSetting;
  readonly ours: number | string;
  readonly same: boolean;
}

export interface Table4Facts {
  /** Profile of the task files for real checkpoints. */
  readonly profile: string;
  readonly lengths: readonly LengthFact[];
  readonly methods: readonly MethodFact[];
}

/**
 * The published settings (Table 4, and those of the text) beside those of our task and method files. Runs nothing.
 *
 * @param profile Of the task files for real checkpoints, such as `lm-eval`.
 * @throws UsageError for published figures that cannot be read.
 */
export async function table4Facts(profile: string): Promise<Table4Facts> {
  const paper = (name: string) => readPaperRows(join(packageRoot, 'results', 'paper', `${name}.csv`));
  return {
    profile,
    lengths: lengthFacts(await paper('table4'), profile),
    methods: (await paper('settings')).map(methodFact),
  };
}

function lengthFacts(rows: readonly PaperRow[], profile: string): LengthFact[] {
  const table1 = resolveExperiment(loadExperiment('table1'));
  return table1.benchmarks.flatMap((benchmark) => {
    const exists = listTasks().some((task) => task.id === benchmark && task.profile === profile);
    const task = exists ? loadTask(benchmark, profile) : undefined;
    const reference: Generation = generationOf(table1, benchmark);
    return lengthKeys.map((setting) => {
      const row = rows.find((one) => one.benchmark === benchmark && one.metric === lengthMetrics[setting]);
      return {
        benchmark,
        title: loadTask(benchmark, table1.profile).title,
        setting,
        published: row === undefined ? null : publishedOf(row),
        task: task?.spec.generation[setting] ?? null,
        reference: reference[setting],
      };
    });
  });
}

/** Whose settings a published model takes; those for all models are LLaDA's, too. */
const settingsOf: Readonly<Record<string, SettingsId>> = {
  'llada-1.5': 'llada-1.5',
  'dream-7b-instruct': 'dream',
};

/** The tokens that the paper's own default sizes are for. */
const paperLength = 256;

/** Published names of settings: the method that has it, its path, and our value. */
const settings: Readonly<
  Record<
    string,
    { readonly method?: string; readonly path: string; of(method: MethodConfig): number | string }
  >
> = {
  B_layer: { path: 'cache.layerBudget', of: ({ cache }) => dcuSize(cache, 'layerBudget') },
  B_window: { path: 'cache.windowSize', of: ({ cache }) => dcuSize(cache, 'windowSize') },
  'B_layer = B_window rule': {
    path: 'cache.auto',
    of: ({ cache }) => (cache.policy === 'dcu' && cache.auto ? 'gen_len/8' : 'by hand'),
  },
  // The parts of the method are separate here: the thresholds belong to the one with APD.
  alpha: { method: 'dynamic-dllm-apd', path: 'unmask.alpha', of: ({ unmask }) => numberAt(unmask, 'alpha') },
  beta: { method: 'dynamic-dllm-apd', path: 'unmask.beta', of: ({ unmask }) => numberAt(unmask, 'beta') },
  K_p: { path: 'cache.promptInterval', of: ({ cache }) => numberAt(cache, 'promptInterval') },
  K_r: { path: 'cache.responseInterval', of: ({ cache }) => numberAt(cache, 'responseInterval') },
  'refresh interval': {
    path: 'cache.refreshInterval',
    of: ({ cache }) => numberAt(cache, 'refreshInterval'),
  },
};

function methodFact(row: PaperRow): MethodFact {
  const setting = settings[row.metric];
  if (setting === undefined)
    throw new Error(`results/paper/settings.csv: no setting of ours for ${row.metric}`);
  const method = loadMethod(setting.method ?? row.method, settingsOf[row.model]);
  const ours = setting.of(method);
  return {
    method: method.id,
    name: method.name,
    model: row.published_model,
    setting: row.metric,
    path: `methods.${method.id}.${setting.path}`,
    published: publishedOf(row),
    ours,
    same: String(ours) === row.value,
  };
}

function publishedOf({ value, certainty, source }: PaperRow): PublishedSetting {
  return { value, certainty, source };
}

/** A size of DCU at the paper's 256 tokens, where the method takes genLength / 8. */
function dcuSize(cache: MethodConfig['cache'], key: 'layerBudget' | 'windowSize'): number | string {
  if (cache.policy !== 'dcu') return 'none';
  return cache.auto ? Math.floor(paperLength / 8) : cache[key];
}

function numberAt(part: object, key: string): number | string {
  const value = (part as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'number' ? value : 'none';
}
