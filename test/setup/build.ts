import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/paths.js';

/** Builds `dist/` once before the tests if a source is newer: the tests of the CLI run the built program. */
export function setup(): void {
  const main = join(packageRoot, 'dist', 'cli', 'main.js');
  const built = existsSync(main) ? newest(join(packageRoot, 'dist')) : 0;
  if (built > newest(join(packageRoot, 'src'))) return;
  // Types are checked by their own step of `npm test`; tsc writes its output in spite of type errors.
  const tsc = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: packageRoot, stdio: 'pipe' });
  } catch (error) {
    if (existsSync(main)) return;
    throw new Error(`the build failed:\n${(error as { stdout?: Buffer }).stdout?.toString() ?? error}`);
  }
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  return Math.max(0, ...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
}
