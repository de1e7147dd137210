import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether onnxruntime's CUDA provider lies beside its binding; it exists for Linux on x64 only. */
export type CudaFiles = 'installed' | 'missing' | 'no such files';

/** Downloads the provider. onnxruntime's own install script does so, which our settings of npm skip. */
export const cudaInstallLine =
  'ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install';

/** @param packageDir Folder of onnxruntime-node. */
export function cudaFiles(packageDir: string = onnxruntimeDir()): CudaFiles {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'no such files';
  const bin = join(packageDir, 'bin');
  const provider = join('linux', 'x64', 'libonnxruntime_providers_cuda.so');
  return readdirSync(bin).some((version) => existsSync(join(bin, version, provider)))
    ? 'installed'
    : 'missing';
}

function onnxruntimeDir(): string {
  return fileURLToPath(new URL('..', import.meta.resolve('onnxruntime-node')));
}
