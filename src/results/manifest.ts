import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { devices } from '../engine/device.js';
import { UsageError } from '../errors.js';
import { writeWhole } from '../formats/files.js';
import { pythonChoices } from '../sandbox/backend.js';
import { certificateNote } from './certificate.js';

/** Raised when the meaning or the set of fields changes. */
export const manifestSchemaVersion = 2;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const fileDigest = z.strictObject({ name: z.string(), bytes: z.int().nonnegative(), sha256 });

const environment = z.strictObject({
  node: z.string(),
  onnxruntime: z.string(),
  repro: z.string(),
  os: z.string(),
  architecture: z.string(),
  cpu: z.string(),
  cores: z.int().positive(),
  memoryBytes: z.int().positive(),
  git: z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable(),
  lockfileSha256: sha256.nullable(),
});

const device = z.strictObject({
  /** Missing in files from before GPUs: their `name` is it. */
  kind: z.enum(devices).optional(),
  /** Of the processor or the GPU. */
  name: z.string(),
  /** Of the GPU. */
  driver: z.string().nullable(),
  threads: z.int().positive(),
});

const count = z.int().nonnegative();

const model = z.strictObject({
  id: z.string(),
  /** Hub revision, or null for a local folder. */
  commit: z.string().nullable(),
  sha256,
  files: z.array(fileDigest),
});

/** What is measured: one method on one benchmark, with one setting of everything. */
export const manifestCell = z.strictObject({
  /** As in samples.jsonl. */
  id: z.string(),
  model: z.string(),
  /** As in summary.csv: id of the method, and in a sweep the swept values in brackets. */
  method: z.string(),
  /** Swept values that this cell depends on. */
  params: z.record(z.string(), z.json()),
  benchmark: z.string(),
  profile: z.string(),
  seed: z.string(),
  limit: count.nullable(),
  configSha256: sha256,
  modelSha256: sha256,
  dataSha256: sha256,
  eosId: count,
  /** Id of the cell that this one is compared with; its own for the baseline. */
  baseline: z.string(),
  /** Samples of the whole run, all shards together. */
  samples: count,
});
export type ManifestCell = z.infer<typeof manifestCell>;

/** Samples whose canvas is longer than the model was made for. */
const longCanvases = z.strictObject({
  model: z.string(),
  benchmark: z.string(),
  samples: count,
  of: count,
  /** Prompt and response of the longest one. */
  longestTokens: count,
  maxSequenceLength: count,
  /** Whether they failed instead of being decoded; absent in older files, where all were decoded. */
  refused: z.boolean().optional(),
});
export type LongCanvases = z.infer<typeof longCanvases>;

/** Everything that a run's numbers depend on. */
export const manifest = z.strictObject({
  schema: z.literal(manifestSchemaVersion),
  experiment: z.string(),
  /** As typed, without the interpreter. */
  command: z.array(z.string()),
  /** The resolved config, defaults filled in, and the sha256 of its canonical JSON. */
  config: z.record(z.string(), z.unknown()),
  configSha256: sha256,
  environment,
  device,
  /** What ran model-written programs and what they might take; null without any, absent in older files. */
  python: z
    .strictObject({
      backend: z.enum(pythonChoices),
      interpreter: z.string(),
      timeLimitMs: z.number().positive(),
      memoryBytes: z.int().positive(),
    })
    .nullable()
    .optional(),
  /** What `repro verify` had found on this device when the run began; absent in older files. */
  certificate: certificateNote.nullable().optional(),
  /** The first of `models`. */
  model,
  models: z.array(model),
  cells: z.array(manifestCell),
  /** Which part of the samples this run has, with `--shard`; null = all. */
  shard: z.strictObject({ index: z.int().positive(), of: z.int().positive() }).nullable(),
  /** Samples decoded beside each other; above 1 speeds come from repeats alone. */
  workers: z.int().positive(),
  /** Times of the same decoding before, between and after the benchmarks: what the machine did to all speeds. */
  canaries: z.array(z.strictObject({ model: z.string(), denoiseMs: z.array(z.number().nonnegative()) })),
  /** Published figures, relative to the package. */
  paper: z.string().nullable(),
  /** By benchmark, or by `benchmark.profile` where a sweep has several. */
  data: z.record(
    z.string(),
    z.strictObject({
      /** Of the package, or the data set, its split and its commit on the hub. */
      file: z.string(),
      sha256,
      promptTemplateSha256: sha256,
      /** Of a data set that is not in the package; empty where they are too many to list. */
      files: z.array(fileDigest).optional(),
      /** Where the examples of the prompts come from; absent without examples. */
      shots: z.strictObject({ from: z.string(), sha256 }).optional(),
    }),
  ),
  /** Absent in older files. */
  longCanvases: z.array(longCanvases).optional(),
  chatTemplateSha256: sha256.nullable(),
  seeds: z.record(z.string(), z.string()),
  /** ISO 8601, UTC. */
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  state: z.enum(['running', 'finished', 'interrupted', 'failed']),
  /** How often the run was taken up again. */
  resumed: z.int().nonnegative(),
});
export type Manifest = z.infer<typeof manifest>;

/** `cpu`, `webgpu` or `cuda`. */
export function deviceKind({ device }: Manifest): string {
  return device.kind ?? device.name;
}

/** The name of the GPU that a run was made on, or null for the processor, whose name is in `environment`. */
export function gpuName({ device }: Pick<Manifest, 'device'>): string | null {
  return device.kind === undefined || device.kind === 'cpu' ? null : device.name;
}

/** A reader sees the old file or the whole new one. */
export async function writeManifest(path: string, content: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest.parse(content), null, 2)}\n`;
  await writeWhole(path, text);
}

/** @throws UsageError if the file is missing, damaged, or of another schema version. */
export async function readManifest(path: string): Promise<Manifest> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError('MANIFEST_UNREADABLE', `${path}: no readable manifest (${reason})`);
  }
  const { schema } = (value ?? {}) as { schema?: unknown };
  if (typeof schema === 'number' && schema !== manifestSchemaVersion) {
    throw new UsageError(
      'MANIFEST_VERSION',
      `${path}: another version of repro made this run (manifest schema ${schema}, this one reads ${manifestSchemaVersion}); make the run again.`,
    );
  }
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  throw new UsageError('MANIFEST_INVALID', `${path}: "${field.join('.')}": ${message}`);
}
