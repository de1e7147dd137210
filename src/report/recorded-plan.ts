import { z } from 'zod';
import type { Json } from '../config/canonical.js';
import { layouts, shownFigures } from '../config/experiment-schema.js';
import { settingsSchema } from '../config/method.js';
import { UsageError } from '../errors.js';
import type { Manifest } from '../results/manifest.js';

const names = z.array(z.string()).readonly();

/** Of a resolved experiment what its report needs; what else the manifest holds is not looked at. */
const reportedExperiment = z
  .object({
    title: z.string(),
    model: z.object({
      name: z.string(),
      titleNote: z.string().optional(),
      settings: settingsSchema,
    }),
    settings: settingsSchema,
    profile: z.string(),
    limit: z.number().nullable(),
    groups: z.array(z.object({ name: z.string(), methods: names })).readonly(),
    baseline: z.string(),
    layout: z.enum(layouts).optional(),
    show: z.array(z.enum(shownFigures)).readonly().optional(),
    methods: z.record(z.string(), z.object({ name: z.string() })),
    benchmarks: names,
    average: names,
    measure: z.object({ precision: z.number() }),
    paper: z.string().optional(),
  })
  .readonly();
export type ReportedExperiment = z.output<typeof reportedExperiment>;

const reportedPoint = z
  .object({ params: z.record(z.string(), z.json()), experiment: reportedExperiment })
  .readonly();

/** What an `ExperimentPlan` is for a report: a resolved one fits, and so does a recorded one. */
export interface ReportedPlan {
  readonly title: string;
  readonly points: readonly [ReportedPoint, ...ReportedPoint[]];
}

export interface ReportedPoint {
  readonly params: Readonly<Record<string, Json>>;
  readonly experiment: ReportedExperiment;
}

const recordedSweep = z.object({ title: z.string(), points: z.tuple([reportedPoint], reportedPoint) });

/**
 * The plan that a run recorded in the `config` of its manifest: a resolved experiment, or the points of a sweep.
 *
 * @param file Where the manifest is from, for messages.
 * @throws UsageError `MANIFEST_CONFIG`
 */
export function recordedPlan({ config }: Pick<Manifest, 'config'>, file: string): ReportedPlan {
  if ('points' in config) return parse(recordedSweep, config, file);
  const experiment = parse(reportedExperiment, config, file);
  return { title: experiment.title, points: [{ params: {}, experiment }] };
}

function parse<T>(schema: z.ZodType<T>, config: unknown, file: string): T {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new UsageError(
    'MANIFEST_CONFIG',
    `${file}: "config.${path.join('.')}": ${message}; another version of repro made this run.`,
  );
}
