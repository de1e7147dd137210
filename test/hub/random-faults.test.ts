import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { type Fault, gitBlob, sha256 } from './fake-hub.js';
import { all, bench, bytes, commit, repo } from './setup.js';

const content = bytes(200_000);
const length = fc.integer({ min: 0, max: content.length });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  length.map((drop) => ({ drop })),
  length.map((drop) => ({ drop, ignoreRange: true })),
  fc.constantFrom(429, 500, 503, 416, 403, 404).map((status) => ({ status })),
  fc.record({ content: length.map((end) => content.subarray(0, end)), chunked: fc.boolean() }),
  fc.record({ content: length.map((more) => bytes(content.length + more, 5)), chunked: fc.boolean() }),
  fc.record({ content: fc.constant(bytes(content.length, 6)), drop: length }),
  fc.constant({ headers: { 'content-range': `bytes 0-1/${content.length}` } }),
  fc.constant({ headers: { etag: '"other"' } }),
);

test('whatever a server does, a file in its place is whole, and a good server mends all', async () => {
  const { client, server, cacheFolder } = await bench();
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 10 }), fc.boolean(), fc.nat(), async (faults, lfs, run) => {
      // A folder of its own for each run; the server is shared.
      const folder = join(cacheFolder, `${run}-${faults.length}-${lfs}`);
      server.files.clear();
      server.files.set('file', { content, lfs });
      const name = lfs ? sha256(content) : gitBlob(content);
      const blobs = join(folder, 'datasets--owner--data', 'blobs');
      const pull = () => client({ cacheFolder: folder }).pull(repo, { revision: commit, select: all });
      server.fileFaults.set('file', [...faults]);
      for (let tries = 0; tries <= faults.length; tries++) {
        const error = await pull().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(UsageError);
        const names = await readdir(blobs);
        if (names.includes(name)) expect(content.equals(await readFile(join(blobs, name)))).toBe(true);
        expect(error === undefined).toBe(names.includes(name));
        expect(names.filter((other) => other !== name && other !== `${name}.incomplete`)).toEqual([]);
      }
      server.fileFaults.clear();
      await pull();
      expect(await readdir(blobs)).toEqual([name]);
      expect(content.equals(await readFile(join(blobs, name)))).toBe(true);
    }),
    { numRuns: 60 },
  );
});
