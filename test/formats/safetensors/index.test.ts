import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { readTensor } from '../../../src/formats/safetensors/file.js';
import { indexFileName, openSharded } from '../../../src/formats/safetensors/index.js';
import { writeSafetensors } from '../../../src/formats/safetensors/write.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'repro-sharded-'));
  for (const [file, name, value] of [
    ['one.safetensors', 'a', 1],
    ['two.safetensors', 'b', 2],
  ] as const) {
    await writeSafetensors(join(dir, file), [
      { name, dtype: 'U8', shape: [1], data: new Uint8Array([value]) },
    ]);
  }
});
afterEach(() => rm(dir, { recursive: true }));

async function open(index: unknown): Promise<Awaited<ReturnType<typeof openSharded>> | UsageError> {
  const text = typeof index === 'string' ? index : JSON.stringify(index);
  await writeFile(join(dir, indexFileName), text);
  return openSharded(dir).catch((error: unknown) => {
    if (error instanceof UsageError) return error;
    throw error;
  });
}

test('finds each tensor in its shard', async () => {
  const weights = await open({ metadata: {}, weight_map: { b: 'two.safetensors', a: 'one.safetensors' } });
  if (weights instanceof UsageError) throw weights;
  expect(weights.files).toEqual([join(dir, 'one.safetensors'), join(dir, 'two.safetensors')]);
  expect(await readTensor(weights.tensors.get('a')!)).toEqual(new Uint8Array([1]));
  expect(await readTensor(weights.tensors.get('b')!)).toEqual(new Uint8Array([2]));
});

test.each([
  ['not JSON', '{', 'SAFETENSORS_INDEX_NOT_JSON', []],
  ['no weight_map', { metadata: {} }, 'SAFETENSORS_INDEX_NO_MAP', ['weight_map']],
  ['an empty weight_map', { weight_map: {} }, 'SAFETENSORS_INDEX_NO_MAP', ['weight_map']],
  ['a missing file', { weight_map: { a: 'three.safetensors' } }, 'SAFETENSORS_INDEX_MISSING_FILE', ['three']],
  [
    'a missing tensor',
    { weight_map: { c: 'one.safetensors' } },
    'SAFETENSORS_INDEX_MISSING_TENSOR',
    ['"c"', 'one'],
  ],
  ['a path', { weight_map: { a: '../one.safetensors' } }, 'SAFETENSORS_INDEX_BAD_FILE', ['../one']],
  ['a Windows path', { weight_map: { a: '..\\one.safetensors' } }, 'SAFETENSORS_INDEX_BAD_FILE', ['one']],
  ['another kind of file', { weight_map: { a: 'one.bin' } }, 'SAFETENSORS_INDEX_BAD_FILE', ['one.bin']],
  ['a number for a file', { weight_map: { a: 1 } }, 'SAFETENSORS_INDEX_BAD_FILE', ['"a"']],
  [
    'a tensor named twice',
    '{"weight_map":{"a":"one.safetensors","a":"two.safetensors"}}',
    'SAFETENSORS_DUPLICATE_NAME',
    ['"a"'],
  ],
])('refuses an index with %s', async (_, index, code, mentions) => {
  const error = await open(index);
  expect(error).toBeInstanceOf(UsageError);
  expect(error).toMatchObject({ code });
  for (const word of [indexFileName, ...mentions]) expect((error as UsageError).message).toContain(word);
});
