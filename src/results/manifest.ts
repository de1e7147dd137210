import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { UsageError } from '../errors.js';

/** Raised when the meaning or the set of fields changes. */
export const manifestSchemaVersion = 1;

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
  device: z.strictObject({ name: z.string(), driver: z.string().nullable(), threads: z.int().positive() }),
  model: z.strictObject({
    id: z.string(),
    /** Hub revision, or null for a local folder. */
    commit: z.string().nullable(),
    sha256,
    files: z.array(fileDigest),
  }),
  /** By benchmark. */
  data: z.record(z.string(), z.strictObject({ file: z.string(), sha256, promptTemplateSha256: sha256 })),
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

/** A reader sees the old file or the whole new one. */
export async function writeManifest(path: string, content: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest.parse(content), null, 2)}\n`;
  await writeFile(`${path}.partial`, text);
  await rename(`${path}.partial`, path);
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
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  throw new UsageError('MANIFEST_INVALID', `${path}: "${field.join('.')}": ${message}`);
}
