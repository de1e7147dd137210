import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtobufWriter } from '../../../src/formats/onnx/protobuf.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Reads one varint of 64 bits, independently of the writer. */
function readVarint(bytes: Uint8Array, at: number): { value: bigint; next: number } {
  let value = 0n;
  let shift = 0n;
  let i = at;
  for (;;) {
    const byte = bytes[i++]!;
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) return { value, next: i };
  }
}

describe('protobuf wire format', () => {
  test('the examples of the protobuf encoding guide', () => {
    expect(hex(new ProtobufWriter().varint(1, 150).finish())).toBe('089601');
    expect(hex(new ProtobufWriter().string(2, 'testing').finish())).toBe('120774657374696e67');
    expect(hex(new ProtobufWriter().message(3, (m) => m.varint(1, 150)).finish())).toBe('1a03089601');
    expect(hex(new ProtobufWriter().packedVarints(6, [3, 270, 86942]).finish())).toBe('3206038e029ea705');
    expect(hex(new ProtobufWriter().varint(1, -2).finish())).toBe('08feffffffffffffffff01');
  });

  test('fixed-width floats are little-endian', () => {
    expect(hex(new ProtobufWriter().float(2, 1).finish())).toBe('150000803f');
    expect(hex(new ProtobufWriter().double(2, 1).finish())).toBe('11000000000000f03f');
    expect(hex(new ProtobufWriter().packedFloats(7, [1, -2]).finish())).toBe('3a080000803f000000c0');
  });

  test('field numbers above 15 take two tag bytes', () => {
    expect(hex(new ProtobufWriter().varint(20, 1).finish())).toBe('a00101');
  });

  test('empty packed fields vanish, empty bytes and messages do not', () => {
    expect(new ProtobufWriter().packedVarints(1, []).packedFloats(2, []).finish()).toHaveLength(0);
    expect(
      hex(
        new ProtobufWriter()
          .bytes(1, new Uint8Array())
          .message(2, () => {})
          .finish(),
      ),
    ).toBe('0a001200');
  });

  test('strings are UTF-8 with their length in bytes', () => {
    expect(hex(new ProtobufWriter().string(1, 'é€').finish())).toBe('0a05c3a9e282ac');
  });

  test('every safe integer and every int64 comes back', () => {
    const integers = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    fc.assert(
      fc.property(integers, (value) => {
        const bytes = new ProtobufWriter().varint(1, value).finish();
        const read = readVarint(bytes, 1);
        expect(BigInt.asIntN(64, read.value)).toBe(BigInt(value));
        expect(read.next).toBe(bytes.length);
      }),
    );
  });

  test('grows over its first buffer and returns a copy', () => {
    const writer = new ProtobufWriter(1);
    const long = new Uint8Array(1000).fill(7);
    const first = writer.bytes(1, long).finish();
    const second = writer.varint(2, 1).finish();
    expect(first).toHaveLength(1003);
    expect(second.subarray(0, 1003)).toEqual(first);
    expect(hex(second.subarray(1003))).toBe('1001');
  });

  test('refuses numbers that would lose bits', () => {
    expect(() => new ProtobufWriter().varint(1, 0.5)).toThrow(RangeError);
    expect(() => new ProtobufWriter().varint(1, 2 ** 60)).toThrow(RangeError);
  });
});
