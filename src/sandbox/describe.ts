import { unshareCommand } from './launch.js';
import { pyodideVersions } from './pyodide.js';

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
    version: (await pyodideVersions()).package,
    networkNamespace: (await unshareCommand()) !== null,
  };
}
