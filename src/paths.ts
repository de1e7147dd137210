import { fileURLToPath } from 'node:url';

/** Folder of the installed package: one above `src/` in development and above `dist/` once built. */
export const packageRoot: string = fileURLToPath(new URL('..', import.meta.url));
