/** Bytes of one element, by the format's names. Types of less than a byte (F4, F6) are not read. */
const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
  C64: 8,
} as const;

export type Dtype = keyof typeof elementBytes;

export const dtypes: readonly Dtype[] = Object.keys(elementBytes) as Dtype[];

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(elementBytes, name);
}

/** Bytes of one element. */
export function bytesPerElement(dtype: Dtype): number {
  return elementBytes[dtype];
}

/** Number of elements of a shape; 1 for a scalar. May exceed the safe integers for hostile shapes. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, dim) => count * dim, 1);
}

/**
 * Little-endian tensor bytes as float32 numbers: exact for F32, BF16 and F16, rounded for F64.
 *
 * @throws RangeError for integer and 8-bit types.
 */
export function toFloat32(dtype: Dtype, bytes: Uint8Array): Float32Array {
  // A copy gives the alignment that typed arrays ask for, whatever the offset in the file was.
  const { buffer } = bytes.slice();
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'BF16': {
      const halves = new Uint16Array(buffer);
      const bits = new Uint32Array(halves.length);
      // A plain loop: `from` with a function takes ten times as long, and converters read whole models.
      for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
      return new Float32Array(bits.buffer);
    }
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    default:
      throw new RangeError(`${dtype} elements are not floating-point weights`);
  }
}

/** The value of an IEEE 754 binary16 bit pattern. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** float32 numbers as bfloat16 bytes, rounded to the nearest, ties to even. NaN stays NaN. */
export function toBfloat16Bytes(values: Float32Array): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = Uint16Array.from(bits, (word) => {
    if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40;
    return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  });
  return new Uint8Array(halves.buffer);
}

/** float32 numbers as IEEE 754 binary16 bytes, rounded to the nearest, ties to even; too large ones become infinite. */
export function toFloat16Bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(Uint16Array.from(values, numberToHalf).buffer);
}

/** The binary16 bit pattern that is nearest to a number. */
function numberToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  // Halves have 11 significant bits, and below 2^-14 a fixed grid of 2^-24.
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -24)));
  const grid = 2 ** (exponent - 10);
  const steps = roundHalfEven(size / grid);
  // A carry into the next exponent is an addition to the pattern, and so is one into infinity.
  const bits = exponent === -14 ? steps : ((exponent + 14) << 10) + steps;
  return sign | (exponent > 15 ? 0x7c00 : Math.min(bits, 0x7c00));
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
