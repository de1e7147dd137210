import { InferenceSession } from 'onnxruntime-node';
import { DataType, encodeModel } from '../formats/onnx/model.js';
import { GraphBuilder } from '../graph/builder.js';
import { floatData } from './step-io.js';
import { float32 } from './tensors.js';

/** Entry of the child process that tries onnxruntime on WebGPU: one product of two matrices. */

/** What the child sends. */
export type TrialAnswer =
  /** The largest difference from the same product in JavaScript. */
  { readonly kind: 'ran'; readonly error: number } | { readonly kind: 'failed'; readonly message: string };

const size = 32;

/** `x y` of two square matrices, for a processor to check. */
function product(x: Float32Array, y: Float32Array): number[] {
  return Array.from({ length: size * size }, (_, at) => {
    const [row, column] = [Math.floor(at / size), at % size];
    return Array.from({ length: size }, (_, i) => x[row * size + i]! * y[i * size + column]!).reduce(
      (sum, term) => sum + term,
    );
  });
}

function productModel(): Uint8Array {
  const g = new GraphBuilder();
  const dims = [size, size];
  const inputs = ['x', 'y'].map((name) => g.input(name, DataType.float, dims));
  g.output('z', g.op('MatMul', inputs), DataType.float, dims);
  const opsets = [{ domain: '', version: 21 }];
  return encodeModel({ graph: g.build('trial'), opsets, irVersion: 10, producer: 'repro' });
}

async function trial(): Promise<TrialAnswer> {
  const [x, y] = [3, 7].map((step) =>
    Float32Array.from({ length: size * size }, (_, i) => ((i * step) % 11) / 11 - 0.5),
  ) as [Float32Array, Float32Array];
  try {
    const session = await InferenceSession.create(productModel(), {
      executionProviders: ['webgpu'],
      logSeverityLevel: 4,
      // A node on the processor would hide a GPU that does not work.
      extra: { session: { disable_cpu_ep_fallback: '1' } },
    });
    const dims = [size, size];
    const out = await session.run({ x: float32(x, dims), y: float32(y, dims) });
    const z = floatData(out, 'z');
    return { kind: 'ran', error: Math.max(...product(x, y).map((value, i) => Math.abs(value - z[i]!))) };
  } catch (error) {
    const [first = ''] = String((error as Error).message).split('\n');
    // What stands before is the place in onnxruntime's sources.
    return { kind: 'failed', message: first.replace(/^.* was false\. /, '') };
  }
}

process.send?.(await trial(), () => process.exit(0));
