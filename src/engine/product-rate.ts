import { InferenceSession } from 'onnxruntime-node';
import { DataType, encodeModel } from '../formats/onnx/model.js';
import type { Clock } from '../measure/clock.js';
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
 * Operations per second of one matrix product in onnxruntime on this machine, a multiplication and an addition
 * counting as two: the median over about `budgetMs`.
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
  const session = await InferenceSession.create(productModel(), {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    const feeds = {
      a: float32(new Float32Array(rows * inner).fill(0.5), [rows, inner]),
      b: float32(new Float32Array(inner * outer).fill(0.5), [inner, outer]),
    };
    await session.run(feeds);
    const started = clock();
    const elapsedMs: number[] = [];
    while (elapsedMs.length < 3 || clock() - started < budgetMs) {
      const before = clock();
      await session.run(feeds);
      elapsedMs.push(clock() - before);
    }
    elapsedMs.sort((a, b) => a - b);
    const median = elapsedMs[Math.floor(elapsedMs.length / 2)]!;
    return (2 * rows * inner * outer) / (median / 1000);
  } finally {
    await session.release();
  }
}

function productModel(): Uint8Array {
  const matrix = (name: string) => ({ name, dataType: DataType.float, dims: [`${name}0`, `${name}1`] });
  return encodeModel({
    graph: {
      name: 'product',
      nodes: [{ opType: 'MatMul', inputs: ['a', 'b'], outputs: ['c'] }],
      initializers: [],
      inputs: [matrix('a'), matrix('b')],
      outputs: [matrix('c')],
    },
    opsets: [{ domain: '', version: 20 }],
    irVersion: 10,
    producer: 'repro',
  });
}
