import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { DeviceFacts } from '../engine/device.js';
import { UsageError } from '../errors.js';
import { makeFolders, writeWhole } from '../formats/files.js';

/** Raised when the meaning or the set of fields changes. */
export const certificateSchemaVersion = 1;

/** Where `repro verify` puts certificates and runs look for them, below the current folder. */
export const certificatesDir = join('results', 'certificates');

const count = z.int().nonnegative();
const deviation = z.number().nonnegative().nullable();

/** What `repro verify` found on one device: how many recorded vectors agree, and how closely. */
export const certificate = z.strictObject({
  schema: z.literal(certificateSchemaVersion),
  createdAt: z.iso.datetime(),
  device: z.strictObject({ kind: z.string(), name: z.string(), driver: z.string().nullable() }),
  versions: z.strictObject({
    repro: z.string(),
    commit: z.string().nullable(),
    dirty: z.boolean().nullable(),
    onnxruntime: z.string(),
    node: z.string(),
    os: z.string(),
  }),
  /** How the engine computed, as it says itself. */
  engine: z.record(z.string(), z.string()),
  /** Over names and contents of the vector files. */
  vectorsSha256: z.string().regex(/^[0-9a-f]{64}$/),
  passed: count,
  failed: count,
  skipped: count,
  methods: z.array(z.strictObject({ method: z.string(), passed: count, failed: count, skipped: count })),
  /** Of the passed vectors: absolute of logits, relative of layer means and thresholds. */
  largestDeviation: z.strictObject({ logits: deviation, relative: deviation }),
  durationMs: z.number().nonnegative(),
});
export type Certificate = z.infer<typeof certificate>;

/** Makes the folder where it is missing; a reader sees the old file or the whole new one. */
export async function writeCertificate(path: string, content: Certificate): Promise<void> {
  await makeFolders(dirname(path));
  await writeWhole(path, `${JSON.stringify(certificate.parse(content), null, 2)}\n`);
}

/** @throws UsageError if the file is missing or damaged, or of another schema version. */
export async function readCertificate(path: string): Promise<Certificate> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  }
  const parsed = certificate.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  throw unreadable(path, `"${field.join('.')}": ${message}`);
}

function unreadable(path: string, reason: string): UsageError {
  return new UsageError(
    'CERTIFICATE',
    `${path}: no readable certificate (${reason}); delete it, or make it anew with "repro verify".`,
  );
}

/** File name of the certificate of a device. */
export function certificateName({ device, name }: DeviceFacts, subset: boolean): string {
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `${device}-${slug.replace(/^-+|-+$/g, '')}${subset ? '-subset' : ''}.json`;
}

/** What a manifest keeps of a certificate. */
export const certificateNote = z.strictObject({
  file: z.string(),
  createdAt: z.iso.datetime(),
  passed: count,
  failed: count,
  skipped: count,
  largestLogitDeviation: deviation,
});
export type CertificateNote = z.infer<typeof certificateNote>;

/**
 * The certificate in `dir` with the most vectors for this device, driver and onnxruntime; one of another driver or
 * runtime says nothing of this run. Null where there is none.
 */
export async function findCertificate(
  dir: string,
  device: DeviceFacts,
  onnxruntime: string,
): Promise<CertificateNote | null> {
  const files = await readdir(dir).catch(() => []);
  let best: CertificateNote | null = null;
  for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
    // A damaged one is no reason to stop a run; verify writes it anew.
    const found = await readCertificate(join(dir, file)).catch(() => undefined);
    if (found === undefined || found.versions.onnxruntime !== onnxruntime) continue;
    const { kind, name, driver } = found.device;
    if (kind !== device.device || name !== device.name || driver !== device.driver) continue;
    const { createdAt, passed, failed, skipped, largestDeviation } = found;
    const vectors = passed + failed;
    if (best !== null && best.passed + best.failed >= vectors) continue;
    best = { file, createdAt, passed, failed, skipped, largestLogitDeviation: largestDeviation.logits };
  }
  return best;
}
