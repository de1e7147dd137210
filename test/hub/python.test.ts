import { execFile, spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { sha256 } from './fake-hub.js';
import { all, bench, bytes, commit, repo } from './setup.js';

const hasPython = spawnSync('python3', ['-c', 'import huggingface_hub']).status === 0;
const large = bytes(100_000);
const small = Buffer.from('# title\n');

/** The JSON that a Python program prints. */
async function python(program: string, environment: Record<string, string>): Promise<unknown> {
  const { stdout } = await promisify(execFile)('python3', ['-c', program], {
    env: { ...process.env, HF_HUB_DISABLE_PROGRESS_BARS: '1', HF_HUB_DISABLE_TELEMETRY: '1', ...environment },
  });
  return JSON.parse(stdout);
}

async function filled() {
  const it = await bench();
  it.server.files.set('data/train.parquet', { content: large, lfs: true });
  it.server.files.set('README.md', { content: small });
  return it;
}

test.skipIf(!hasPython)('huggingface_hub reads what was pulled here, offline', async () => {
  const { client, cacheFolder } = await filled();
  const pulled = await client().pull(repo, { revision: 'main', select: all });
  const answer = await python(
    `
import json
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download
folder = snapshot_download("owner/data", repo_type="dataset")
file = hf_hub_download("owner/data", "data/train.parquet", repo_type="dataset", revision="main")
info = scan_cache_dir()
repos = [[r.repo_id, r.repo_type, r.nb_files, r.size_on_disk, [list(v.refs) for v in r.revisions]] for r in info.repos]
print(json.dumps([folder, file, repos, [str(w) for w in info.warnings]]))
`,
    { HF_HUB_CACHE: cacheFolder, HF_HUB_OFFLINE: '1' },
  );
  expect(answer).toEqual([
    pulled.folder,
    pulled.files[1]!.localPath,
    [['owner/data', 'dataset', 2, large.length + small.length, [['main']]]],
    [],
  ]);
});

test.skipIf(!hasPython)('what huggingface_hub knows to be missing is what is missing here', async () => {
  const { client, cacheFolder } = await filled();
  await client().pull(repo, { revision: 'main', select: ['README.md'] });
  const program = `
import json
from huggingface_hub import snapshot_download
try:
    print(json.dumps(snapshot_download("owner/data", repo_type="dataset")))
except Exception as error:
    print(json.dumps(type(error).__name__))
`;
  const answer = await python(program, { HF_HUB_CACHE: cacheFolder, HF_HUB_OFFLINE: '1' });
  expect(answer).toBe('IncompleteSnapshotError');
});

test.skipIf(!hasPython)(
  'what huggingface_hub pulled is whole here, offline, with and without its listing',
  async () => {
    const { client, server, cacheFolder } = await filled();
    const program = `
import json
from huggingface_hub import snapshot_download
print(json.dumps(snapshot_download("owner/data", repo_type="dataset")))
`;
    const folder = await python(program, { HF_HUB_CACHE: cacheFolder, HF_ENDPOINT: server.endpoint });
    const hub = client({ offline: true });
    const expected = {
      commit,
      folder,
      files: [
        {
          path: 'README.md',
          localPath: join(String(folder), 'README.md'),
          bytes: small.length,
          sha256: sha256(small),
        },
        {
          path: 'data/train.parquet',
          localPath: join(String(folder), 'data/train.parquet'),
          bytes: large.length,
          sha256: sha256(large),
        },
      ],
    };
    const options = { revision: 'main', select: all, verify: true };
    expect(await hub.pull(repo, options)).toEqual(expected);
    await rm(join(cacheFolder, 'datasets--owner--data', 'trees'), { recursive: true });
    expect(await client({ offline: true }).pull(repo, options)).toEqual(expected);
    await writeFile(expected.files[1]!.localPath, bytes(100_000, 5));
    await expect(client({ offline: true }).pull(repo, options)).rejects.toThrow('HF_HUB_OFFLINE');
  },
);
