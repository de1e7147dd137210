import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** A module of this folder that a worker thread or a child process begins with. */
export interface EntryPoint {
  readonly url: URL;
  /** Arguments for Node to read it: none for the built program. */
  readonly execArgv: string[];
}

/** @param name Of the file, without its ending: the source where the sources run, else what was built of it. */
export function entryPoint(name: string): EntryPoint {
  const source = import.meta.url.endsWith('.ts');
  return {
    url: new URL(`./${name}.${source ? 'ts' : 'js'}`, import.meta.url),
    execArgv: source ? ['--import', typescriptLoader()] : [],
  };
}

/**
 * A module that teaches Node to read TypeScript: under tests the sources run as they are. The built package needs
 * no loader. (`--import tsx` does not reach the entry of a worker in Node 20.)
 */
function typescriptLoader(): string {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const code = `import { register } from '${new URL('./dist/esm/api/index.mjs', tsx).href}'; register();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
