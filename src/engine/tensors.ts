import { Tensor } from 'onnxruntime-node';

/** Helpers that wrap typed arrays as onnxruntime tensors without copying them. */

export function int32(values: ArrayLike<number>): Tensor {
  return new Tensor('int32', Int32Array.from(values), [values.length]);
}

export function int64(values: ArrayLike<number>, dims: readonly number[] = [values.length]): Tensor {
  const data = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) data[i] = BigInt(values[i]!);
  return new Tensor('int64', data, dims);
}

/** Positions as int64 `[rows, 1]`, the form that ScatterND and GatherND take. */
export function positions(values: ArrayLike<number>): Tensor {
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
