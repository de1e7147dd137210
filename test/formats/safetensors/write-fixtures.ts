/**
 * Writes test/fixtures/safetensors, byte by byte and without our writer:
 * `npx tsx test/formats/safetensors/write-fixtures.ts`. One case is a file and what reading it must give.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../fixtures/safetensors/', import.meta.url));

interface Expected {
  /** Code of the UsageError, or absent for a good file. */
  code?: string;
  /** Words that the message must hold beside the file name. */
  mentions?: string[];
  tensors?: Record<
    string,
    { dtype: string; shape: number[]; offset: number; bytes: number; values?: number[] }
  >;
  metadata?: Record<string, string>;
}

function file(header: string | Uint8Array, data: Uint8Array, claimed?: bigint): Buffer {
  const json = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(claimed ?? BigInt(json.length));
  return Buffer.concat([prefix, json, data]);
}

const entry = (dtype: string, shape: unknown, begin: unknown, end: unknown): string =>
  `{"dtype":${JSON.stringify(dtype)},"shape":${JSON.stringify(shape)},"data_offsets":[${begin},${end}]}`;
const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);
const floats = (...values: number[]): Buffer => Buffer.from(new Float32Array(values).buffer);

const cases: Record<string, { bytes: Buffer; expected: Expected }> = {};
function good(name: string, header: string, data: Buffer, expected: Expected): void {
  cases[name] = { bytes: file(header, data), expected };
}
function bad(name: string, bytes: Buffer, code: string, ...mentions: string[]): void {
  cases[name] = { bytes, expected: { code, mentions } };
}

good('good-empty', '{}', zeros(0), { tensors: {}, metadata: {} });
const oneHeader = `{"__metadata__":{"format":"pt"},"w":${entry('F32', [2, 1], 0, 8)}}   `;
good('good-padded-metadata', oneHeader, floats(1.5, -2), {
  tensors: { w: { dtype: 'F32', shape: [2, 1], offset: 8 + oneHeader.length, bytes: 8, values: [1.5, -2] } },
  metadata: { format: 'pt' },
});
// Named out of data order, an odd offset, an empty tensor, a scalar, escapes in names.
const mixedHeader = `{"b\\"\\u00e9":${entry('BF16', [2], 3, 7)},"none":${entry('F32', [0, 4], 3, 3)},"a":${entry('U8', [3], 0, 3)},"half":${entry('F16', [3], 7, 13)},"scalar":${entry('F64', [], 13, 21)}}`;
const mixedStart = 8 + Buffer.byteLength(mixedHeader);
good(
  'good-mixed-dtypes',
  mixedHeader,
  Buffer.concat([
    Buffer.from([1, 2, 3, 0x80, 0x3f, 0x20, 0xc1, 0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc]),
    Buffer.from(new Float64Array([0.5]).buffer),
  ]),
  {
    tensors: {
      a: { dtype: 'U8', shape: [3], offset: mixedStart, bytes: 3 },
      none: { dtype: 'F32', shape: [0, 4], offset: mixedStart + 3, bytes: 0, values: [] },
      'b"é': { dtype: 'BF16', shape: [2], offset: mixedStart + 3, bytes: 4, values: [1, -10] },
      half: { dtype: 'F16', shape: [3], offset: mixedStart + 7, bytes: 6 },
      scalar: { dtype: 'F64', shape: [], offset: mixedStart + 13, bytes: 8, values: [0.5] },
    },
    metadata: {},
  },
);

bad('bad-empty-file', zeros(0), 'SAFETENSORS_TRUNCATED');
bad('bad-seven-bytes', zeros(7), 'SAFETENSORS_TRUNCATED', '7');
bad('bad-header-beyond-file', file('{}', zeros(0), 3n), 'SAFETENSORS_TRUNCATED', '3', '10');
bad('bad-header-over-limit', file('{}', zeros(0), 100_000_001n), 'SAFETENSORS_HEADER_TOO_LARGE');
bad('bad-header-length-huge', file('{}', zeros(0), 2n ** 64n - 1n), 'SAFETENSORS_HEADER_TOO_LARGE');
bad('bad-not-json', file('{"w":', zeros(0)), 'SAFETENSORS_HEADER_NOT_JSON');
bad('bad-not-object', file('[1]', zeros(0)), 'SAFETENSORS_HEADER_NOT_JSON');
bad('bad-zero-header', file('', zeros(0)), 'SAFETENSORS_HEADER_NOT_JSON');
bad('bad-byte-order-mark', file('\ufeff{}', zeros(0)), 'SAFETENSORS_HEADER_NOT_JSON');
bad('bad-utf8', file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), zeros(0)), 'SAFETENSORS_HEADER_NOT_JSON');
bad('bad-entry-not-object', file('{"w":7}', zeros(0)), 'SAFETENSORS_BAD_TENSOR', '"w"');
bad('bad-entry-list', file('{"w":[]}', zeros(0)), 'SAFETENSORS_BAD_TENSOR', '"w"');
bad(
  'bad-extra-field',
  file(`{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"stride":[1]}}`, zeros(4)),
  'SAFETENSORS_BAD_TENSOR',
  '"w"',
  'stride',
);
bad('bad-metadata-value', file('{"__metadata__":{"a":1}}', zeros(0)), 'SAFETENSORS_BAD_METADATA', '"a"');
bad('bad-metadata-list', file('{"__metadata__":[]}', zeros(0)), 'SAFETENSORS_BAD_METADATA');
bad(
  'bad-dtype',
  file(`{"w":${entry('BF17', [1], 0, 2)}}`, zeros(2)),
  'SAFETENSORS_UNKNOWN_DTYPE',
  '"w"',
  'BF17',
  'BF16',
);
bad(
  'bad-dtype-of-object',
  file(`{"w":${entry('toString', [1], 0, 2)}}`, zeros(2)),
  'SAFETENSORS_UNKNOWN_DTYPE',
  '"w"',
);
bad(
  'bad-dtype-missing',
  file('{"w":{"shape":[1],"data_offsets":[0,4]}}', zeros(4)),
  'SAFETENSORS_UNKNOWN_DTYPE',
  '"w"',
);
bad(
  'bad-shape-negative',
  file(`{"w":${entry('F32', [-1], 0, 4)}}`, zeros(4)),
  'SAFETENSORS_BAD_SHAPE',
  '"w"',
);
bad(
  'bad-shape-fraction',
  file(`{"w":${entry('F32', [1.5], 0, 6)}}`, zeros(6)),
  'SAFETENSORS_BAD_SHAPE',
  '"w"',
);
bad('bad-shape-text', file(`{"w":${entry('F32', '2', 0, 8)}}`, zeros(8)), 'SAFETENSORS_BAD_SHAPE', '"w"');
bad(
  'bad-shape-overflow',
  file(`{"w":${entry('F32', [2 ** 32, 2 ** 32], 0, 0)}}`, zeros(0)),
  'SAFETENSORS_SIZE_MISMATCH',
  '"w"',
);
bad(
  'bad-size-mismatch',
  file(`{"w":${entry('F32', [2, 3], 0, 20)}}`, zeros(20)),
  'SAFETENSORS_SIZE_MISMATCH',
  '"w"',
  '24',
  '20',
);
bad(
  'bad-offsets-reversed',
  file(`{"w":${entry('F32', [1], 4, 0)}}`, zeros(4)),
  'SAFETENSORS_SIZE_MISMATCH',
  '"w"',
);
bad(
  'bad-offsets-negative',
  file(`{"w":${entry('F32', [1], -4, 0)}}`, zeros(4)),
  'SAFETENSORS_BAD_OFFSETS',
  '"w"',
);
bad(
  'bad-offsets-three',
  file('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', zeros(4)),
  'SAFETENSORS_BAD_OFFSETS',
  '"w"',
);
bad(
  'bad-truncated-data',
  file(`{"w":${entry('F32', [2], 0, 8)}}`, zeros(5)),
  'SAFETENSORS_OUT_OF_RANGE',
  '"w"',
  '8',
  '5',
);
bad(
  'bad-overlap',
  file(`{"first":${entry('F32', [2], 0, 8)},"second":${entry('F32', [2], 4, 12)}}`, zeros(12)),
  'SAFETENSORS_OVERLAP',
  '"first"',
  '"second"',
);
bad(
  'bad-same-range',
  file(`{"first":${entry('F32', [1], 0, 4)},"second":${entry('F32', [1], 0, 4)}}`, zeros(4)),
  'SAFETENSORS_OVERLAP',
  '"second"',
);
bad(
  'bad-gap',
  file(`{"first":${entry('F32', [1], 0, 4)},"second":${entry('F32', [1], 8, 12)}}`, zeros(12)),
  'SAFETENSORS_GAP',
  '"second"',
);
bad('bad-gap-at-start', file(`{"w":${entry('F32', [1], 4, 8)}}`, zeros(8)), 'SAFETENSORS_GAP', '"w"');
bad('bad-trailing-bytes', file(`{"w":${entry('F32', [1], 0, 4)}}`, zeros(6)), 'SAFETENSORS_GAP', '2');
bad(
  'bad-duplicate-name',
  file(`{"w":${entry('F32', [1], 0, 4)},"w":${entry('F32', [1], 0, 4)}}`, zeros(4)),
  'SAFETENSORS_DUPLICATE_NAME',
  '"w"',
);
bad(
  'bad-duplicate-escaped-name',
  file(`{"w":${entry('F32', [1], 0, 4)},"\\u0077":${entry('F32', [1], 0, 4)}}`, zeros(4)),
  'SAFETENSORS_DUPLICATE_NAME',
  '"w"',
);
bad(
  'bad-duplicate-field',
  file('{"w":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', zeros(4)),
  'SAFETENSORS_DUPLICATE_NAME',
  'shape',
);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, { bytes, expected }] of Object.entries(cases)) {
  writeFileSync(`${folder}${name}.safetensors`, bytes);
  writeFileSync(`${folder}${name}.expected.json`, `${JSON.stringify(expected, null, 2)}\n`);
}
