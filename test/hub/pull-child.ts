/**
 * Pulls everything of the data set `owner/data` at `main`, and prints a line for each event and for the
 * result.
 */
import { openHub } from '../../src/hub/hub.js';
import { hubRepo } from '../../src/hub/repo.js';

const [endpoint, cacheFolder] = process.argv.slice(2) as [string, string];
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
const hub = openHub(
  { endpoint, token: undefined, cacheFolder, offline: false },
  { fetch: globalThis.fetch, onProgress: say },
);
const pulled = await hub.pull(hubRepo('dataset', 'owner/data'), { revision: 'main', select: () => true });
say({ kind: 'pulled', sha256: pulled.files.map(({ sha256 }) => sha256) });
