import { DataType } from '../formats/onnx/model.js';
import { GraphBuilder } from '../graph/builder.js';
import type { Clock } from '../measure/clock.js';
import { medianRunMs } from './device-probe.js';
import { float32 } from './tensors.js';

/** A matrix product `[rows, inner] x [inner, outer]`. */
export interface ProductSize {
  readonly rows: number;
  readonly inner: number;
  readonly outer: number;
}

/** Beyond this a larger matrix says no more about the machine, and takes longer to make. */
const largest = 2048;

/**
 * Operations per second of one matrix product in onnxruntime on the processor, a multiplication and an addition
 * counting as two: the median over about `budgetMs`. What a device can do at best: `ceilings.ts`.
 */
export async function productRate(
  size: ProductSize,
  threads: number,
  clock: Clock,
  budgetMs = 200,
): Promise<number> {
  const [rows, inner, outer] = [size.rows, size.inner, size.outer].map((n) => Math.min(n, largest)) as [
    number,
    number,
    number,
  ];
  const g = new GraphBuilder();
  const matrix = (name: string) => g.input(name, DataType.float, [`${name}0`, `${name}1`]);
  g.output('c', g.op('MatMul', [matrix('a'), matrix('b')]), DataType.float, ['a0', 'b1']);
  const feeds = {
    a: float32(new Float32Array(rows * inner).fill(0.5), [rows, inner]),
    b: float32(new Float32Array(inner * outer).fill(0.5), [inner, outer]),
  };
  const ms = await medianRunMs(g.build('product'), feeds, { device: 'cpu', threads }, clock, budgetMs);
  return (2 * rows * inner * outer) / (ms / 1000);
}
