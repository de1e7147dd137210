import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Deviation, largerDeviation, noDeviation } from '../conformance/deviations.js';
import type { Outcome } from '../conformance/verify.js';
import type { DeviceFacts } from '../engine/device.js';
import type { EngineFacts } from '../engine/types.js';
import { captureEnvironment } from '../measure/environment.js';
import { packageRoot } from '../paths.js';
import {
  type Certificate,
  certificateName,
  certificateSchemaVersion,
  certificatesDir,
  writeCertificate,
} from '../results/certificate.js';
import type { VectorFile } from './verify-select.js';

/** What a verification has come to. */
export interface Verified {
  readonly device: DeviceFacts;
  readonly engine: EngineFacts;
  readonly files: readonly VectorFile[];
  /** Whether vectors of the folders were left out. */
  readonly subset: boolean;
  readonly counts: Pick<Certificate, 'passed' | 'failed' | 'skipped' | 'methods'>;
  readonly deviation: Deviation;
  readonly durationMs: number;
  readonly createdAt: Date;
}

/** The largest deviations of all vectors that passed. */
export function largestDeviation(outcomes: readonly Outcome[]): Deviation {
  return outcomes.reduce(
    (largest, outcome) =>
      outcome.state === 'passed' ? largerDeviation(largest, outcome.deviation) : largest,
    noDeviation,
  );
}

/** Writes the certificate of a verification. @param path Default: the device's, below the current folder. */
export async function certify(verified: Verified, path: string | undefined): Promise<string> {
  const { device, engine, files, subset, counts, deviation, durationMs, createdAt } = verified;
  const { repro, git, onnxruntime, node, os } = await captureEnvironment(packageRoot);
  const file = path ?? join(certificatesDir, certificateName(device, subset));
  await writeCertificate(file, {
    schema: certificateSchemaVersion,
    createdAt: createdAt.toISOString(),
    device: { kind: device.device, name: device.name, driver: device.driver },
    versions: { repro, commit: git?.commit ?? null, dirty: git?.dirty ?? null, onnxruntime, node, os },
    engine,
    vectorsSha256: digest(files),
    ...counts,
    largestDeviation: deviation,
    durationMs,
  });
  return file;
}

function digest(files: readonly VectorFile[]): string {
  const hash = createHash('sha256');
  for (const { name, text } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`${name}\n${text}\n`);
  }
  return hash.digest('hex');
}
