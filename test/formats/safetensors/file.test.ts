import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { toBfloat16Bytes, toFloat32 } from '../../../src/formats/safetensors/dtypes.js';
import { openSafetensors, readTensor } from '../../../src/formats/safetensors/file.js';
import { encodeHeader, writeSafetensors } from '../../../src/formats/safetensors/write.js';

const folder = fileURLToPath(new URL('../../fixtures/safetensors/', import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.safetensors'))
  .map((name) => name.replace(/\.safetensors$/, ''));

interface ExpectedTensor {
  dtype: string;
  shape: number[];
  offset: number;
  bytes: number;
  values?: number[];
}
interface Expected {
  code?: string;
  mentions?: string[];
  tensors?: Record<string, ExpectedTensor>;
  metadata?: Record<string, string>;
}

const expectedOf = (name: string): Expected =>
  JSON.parse(readFileSync(join(folder, `${name}.expected.json`), 'utf8')) as Expected;

async function usageError(promise: Promise<unknown>): Promise<UsageError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  return error as UsageError;
}

describe('golden files', () => {
  test.each(names.filter((name) => name.startsWith('good-')))('%s', async (name) => {
    const expected = expectedOf(name);
    const file = await openSafetensors(join(folder, `${name}.safetensors`));
    expect(Object.fromEntries(file.metadata)).toEqual(expected.metadata);
    expect([...file.tensors.keys()]).toEqual(Object.keys(expected.tensors!));
    for (const [key, { values, ...stored }] of Object.entries(expected.tensors!)) {
      const tensor = file.tensors.get(key)!;
      expect(tensor).toMatchObject(stored);
      const bytes = await readTensor(tensor);
      expect(bytes).toHaveLength(stored.bytes);
      if (values !== undefined) expect([...toFloat32(tensor.dtype, bytes)]).toEqual(values);
    }
  });

  test.each(names.filter((name) => name.startsWith('bad-')))('%s', async (name) => {
    const expected = expectedOf(name);
    const error = await usageError(openSafetensors(join(folder, `${name}.safetensors`)));
    expect(error.code).toBe(expected.code);
    for (const word of [`${name}.safetensors`, ...expected.mentions!]) expect(error.message).toContain(word);
    expect(error.message).not.toContain('\n');
  });
});

describe('element types', () => {
  test('float16: normal, subnormal, infinite and not a number', () => {
    const bits = new Uint16Array([0x3c00, 0x0001, 0xfc00, 0x7e00, 0x8000, 0x7bff]);
    expect([...toFloat32('F16', new Uint8Array(bits.buffer))]).toEqual([
      1,
      2 ** -24,
      -Infinity,
      NaN,
      -0,
      65504,
    ]);
  });

  test('bfloat16 rounds to nearest even and comes back', () => {
    const word = (bits: number): number => new Float32Array(new Uint32Array([bits]).buffer)[0]!;
    const values = new Float32Array([
      1,
      word(0x3f808000),
      word(0x3f818000),
      word(0x3f808001),
      NaN,
      -Infinity,
    ]);
    const back = toFloat32('BF16', toBfloat16Bytes(values));
    expect([...back]).toEqual([1, 1, word(0x3f820000), word(0x3f810000), NaN, -Infinity]);
  });

  test('integers are no weights', () => {
    expect(() => toFloat32('I64', new Uint8Array(8))).toThrow(/I64/);
  });
});

describe('files on disk', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'repro-safetensors-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  test('what is written is read, data on multiples of eight', async () => {
    const path = join(dir, 'round.safetensors');
    const a = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer);
    const tensors = [
      { name: 'a', dtype: 'F32', shape: [2, 3], data: a },
      { name: '7', dtype: 'U8', shape: [1], data: new Uint8Array([9]) },
    ] as const;
    await writeSafetensors(path, tensors, { format: 'pt' });
    const file = await openSafetensors(path);
    expect(file.metadata.get('format')).toBe('pt');
    expect([...file.tensors.keys()]).toEqual(['a', '7']);
    expect(file.tensors.get('a')!.offset % 8).toBe(0);
    expect(await readTensor(file.tensors.get('a')!)).toEqual(a);
    expect(await readTensor(file.tensors.get('7')!)).toEqual(new Uint8Array([9]));
  });

  test('the header that is written: metadata first, no blanks but the padding', () => {
    const header = encodeHeader([{ name: 'w', dtype: 'F32', shape: [2, 1] }], { format: 'pt' });
    const json = `{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}`;
    expect(Buffer.from(header.subarray(8)).toString()).toBe(json.padEnd(Math.ceil(json.length / 8) * 8, ' '));
  });

  test('the writer refuses what no reader would take', async () => {
    const data = new Uint8Array(4);
    const tensor = { name: 'w', dtype: 'F32', shape: [1], data } as const;
    expect(() => encodeHeader([tensor, tensor])).toThrow(/"w"/);
    const path = join(dir, 'unfit.safetensors');
    await expect(writeSafetensors(path, [{ ...tensor, shape: [2] }])).rejects.toThrow(/4 bytes/);
  });

  test('a missing file, a folder, and a file that shrinks after its header was read', async () => {
    expect((await usageError(openSafetensors(join(dir, 'none.safetensors')))).message).toMatch(
      /none.*no such/,
    );
    expect((await usageError(openSafetensors(dir))).code).toBe('SAFETENSORS_UNREADABLE');
    const path = join(dir, 'shrink.safetensors');
    await writeFile(path, readFileSync(join(folder, 'good-padded-metadata.safetensors')));
    const file = await openSafetensors(path);
    await truncate(path, file.fileBytes - 1);
    expect((await usageError(readTensor(file.tensors.get('w')!))).message).toContain('"w"');
  });
});
