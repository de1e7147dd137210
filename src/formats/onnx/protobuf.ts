const utf8 = new TextEncoder();

/** Wire types of the protobuf encoding that ONNX needs. */
const WireType = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

/**
 * Appends fields of one protobuf message to a growing buffer (https://protobuf.dev/programming-guides/encoding).
 * It knows the wire format only: field numbers and the choice of method are the caller's. Fields come out in
 * the order of the calls, so equal calls give equal bytes.
 */
export class ProtobufWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(initialBytes = 256) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  /** int32, int64, uint32, uint64, bool and enum fields; negative numbers take the ten bytes of an int64. */
  varint(field: number, value: number | bigint): this {
    this.#tag(field, WireType.varint);
    this.#varint(value);
    return this;
  }

  /** `float` fields. */
  float(field: number, value: number): this {
    this.#tag(field, WireType.fixed32);
    this.#float(value);
    return this;
  }

  /** `double` fields. */
  double(field: number, value: number): this {
    this.#tag(field, WireType.fixed64);
    this.#view(8).setFloat64(0, value, true);
    return this;
  }

  /** `string` fields, as UTF-8; also `bytes` fields that hold text. */
  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, WireType.lengthDelimited);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** A nested message, filled by `write`. */
  message(field: number, write: (nested: ProtobufWriter) => void): this {
    const nested = new ProtobufWriter();
    write(nested);
    return this.bytes(field, nested.#written());
  }

  /** `repeated int64` in the packed form, which every parser takes for unpacked fields too; none: no field. */
  packedVarints(field: number, values: readonly (number | bigint)[]): this {
    if (values.length === 0) return this;
    const packed = new ProtobufWriter(values.length * 2);
    for (const value of values) packed.#varint(value);
    return this.bytes(field, packed.#written());
  }

  /** `repeated float` in the packed form; none: no field. */
  packedFloats(field: number, values: readonly number[]): this {
    if (values.length === 0) return this;
    const packed = new ProtobufWriter(values.length * 4);
    for (const value of values) packed.#float(value);
    return this.bytes(field, packed.#written());
  }

  /** A copy of the message so far. */
  finish(): Uint8Array {
    return this.#written().slice();
  }

  #written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number | bigint): void {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new RangeError(`not an integer that a varint can hold exactly: ${value}`);
    }
    if (value < 0 || typeof value === 'bigint') {
      this.#varint64(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    this.#reserve(8);
    let rest = value;
    // Division, not shifts: JavaScript shifts see 32 bits only.
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #varint64(value: bigint): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80n) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  #float(value: number): void {
    this.#view(4).setFloat32(0, value, true);
  }

  /** A view of the next `bytes` bytes, which count as written. */
  #view(bytes: number): DataView {
    this.#reserve(bytes);
    const view = new DataView(this.#bytes.buffer, this.#length, bytes);
    this.#length += bytes;
    return view;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#written());
    this.#bytes = grown;
  }
}
