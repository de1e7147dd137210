import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pyodideFolder, unshareCommand } from './launch.js';

/** What programs run in, for manifests and `repro doctor`. */
export interface SandboxDescription {
  readonly backend: 'pyodide';
  readonly version: string;
  /** Whether children have a network namespace of their own, beside the bolts that they always have. */
  readonly networkNamespace: boolean;
}

/** Describes the sandbox of this machine without starting an interpreter. */
export async function describeSandbox(): Promise<SandboxDescription> {
  return {
    backend: 'pyodide',
    version: await pyodideVersion(),
    networkNamespace: (await unshareCommand()) !== null,
  };
}

/** Version of the installed pyodide package. */
export async function pyodideVersion(): Promise<string> {
  const manifest = await readFile(join(pyodideFolder(), 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
