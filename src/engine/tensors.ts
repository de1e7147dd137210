import { Tensor } from 'onnxruntime-node';

/** Helpers that wrap typed arrays as onnxruntime tensors. Integers are copied, all else is not. */

export function int32(values: Int32Array): Tensor {
  return new Tensor('int32', values.slice(), [values.length]);
}

/** Of numbers from 0 up. */
export function int64(values: Int32Array, dims: readonly number[] = [values.length]): Tensor {
  // A BigInt a row would cost more than all else: only the low words are written (little-endian).
  const data = new BigInt64Array(values.length);
  const words = new Int32Array(data.buffer);
  for (let i = 0; i < values.length; i++) words[2 * i] = values[i]!;
  return new Tensor('int64', data, dims);
}

/** The low words of int64 data: the numbers themselves, where they are below 2^31. */
export function lowWords(data: BigInt64Array): Int32Array {
  const words = new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
  const values = new Int32Array(data.length);
  for (let i = 0; i < values.length; i++) values[i] = words[2 * i]!;
  return values;
}

/** Positions as int64 `[rows, 1]`, the form that ScatterND and GatherND take. */
export function positions(values: Int32Array): Tensor {
  return int64(values, [values.length, 1]);
}

export function bool(values: Uint8Array, dims: readonly number[]): Tensor {
  return new Tensor('bool', values, dims);
}

export function float32(values: Float32Array, dims: readonly number[]): Tensor {
  return new Tensor('float32', values, dims);
}

export function floatScalar(value: number): Tensor {
  return new Tensor('float32', Float32Array.of(value), []);
}
