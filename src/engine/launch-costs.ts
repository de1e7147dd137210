import { DataType, type Graph } from '../formats/onnx/model.js';
import { GraphBuilder } from '../graph/builder.js';
import type { Clock } from '../measure/clock.js';
import { medianRunMs, type ProbedDevice } from './device-probe.js';
import { float32 } from './tensors.js';

/** What a pass costs on a GPU beside its arithmetic. */
export interface LaunchCosts {
  /** Median of a run that sends five small tensors, adds them and reads one number back. */
  readonly synchronisationMs: number;
  /** Time that one more tiny kernel in a graph adds to its run. */
  readonly dispatchUs: number;
}

const budgetMs = 400;
const tensors = 5;
const width = 64;
const chainLengths = [50, 450] as const;

/** Measures them on a device, in a few seconds. */
export async function measureLaunchCosts(probed: ProbedDevice, clock: Clock): Promise<LaunchCosts> {
  const row = (value: number) => float32(new Float32Array(width).fill(value), [1, width]);
  const small = Object.fromEntries(Array.from({ length: tensors }, (_, i) => [`x${i}`, row(i)]));
  const synchronisationMs = await medianRunMs(sumOfInputs(), small, probed, clock, budgetMs);
  const [shortMs, longMs] = [
    await medianRunMs(tinyKernels(chainLengths[0]), { x0: row(1) }, probed, clock, budgetMs),
    await medianRunMs(tinyKernels(chainLengths[1]), { x0: row(1) }, probed, clock, budgetMs),
  ];
  const more = chainLengths[1] - chainLengths[0];
  return { synchronisationMs, dispatchUs: (1000 * Math.max(0, longMs - shortMs)) / more };
}

function sumOfInputs(): Graph {
  const g = new GraphBuilder();
  const inputs = Array.from({ length: tensors }, (_, i) => g.input(`x${i}`, DataType.float, [1, width]));
  const sum = inputs.reduce((a, b) => g.op('Add', [a, b]));
  g.output('y', g.op('ReduceSum', [sum], { keepdims: 1 }), DataType.float, [1, 1]);
  return g.build('round-trip');
}

/** Each depends on the one before, so that none can be left out. */
function tinyKernels(count: number): Graph {
  const g = new GraphBuilder();
  let x = g.input('x0', DataType.float, [1, width]);
  for (let i = 0; i < count; i++) x = g.op('Mul', [x, g.scalar(0.9999)]);
  g.output('y', g.op('ReduceSum', [x], { keepdims: 1 }), DataType.float, [1, 1]);
  return g.build('tiny-kernels');
}
