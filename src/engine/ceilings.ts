import { DataType, type Graph } from '../formats/onnx/model.js';
import { GraphBuilder, type Value, type WeightDataType } from '../graph/builder.js';
import type { Clock } from '../measure/clock.js';
import { medianRunMs, type ProbedDevice } from './device-probe.js';
import { floatScalar } from './tensors.js';

/** What onnxruntime reaches on a device where nothing but one kind of operator runs. */
export interface Ceilings {
  /** Of products of two square matrices, a multiplication and an addition counting as two. */
  readonly productFlopsPerSecond: number;
  /** Width of those matrices. */
  readonly productWidth: number;
  /** What the product is computed with. */
  readonly precision: 'float32' | 'float16';
  /** Bytes read plus bytes written by `Mul` with a scalar, on one large array after the other. */
  readonly bandwidthBytesPerSecond: number;
  readonly arrayBytes: number;
}

interface ProbeSizes {
  readonly productWidth: number;
  readonly arrayBytes: number;
}

const mebibyte = 1 << 20;
/** Large enough that nothing stays in a cache and every unit is busy. A software adapter would take minutes. */
const sizes = {
  cpu: { productWidth: 1024, arrayBytes: 64 * mebibyte },
  gpu: { productWidth: 2048, arrayBytes: 64 * mebibyte },
  software: { productWidth: 256, arrayBytes: 4 * mebibyte },
} as const satisfies Record<string, ProbeSizes>;

/** A chain is made so long that it runs about this long: transfers and launches then count for little. */
const chainMs = 40;
const firstLinks = 4;
const mostLinks = 1024;

/**
 * Measures the ceilings of a device, in a few seconds.
 *
 * @param software Whether the device is an adapter in software: smaller arrays.
 * @param precision What the weights of the model at hand are computed with there.
 */
export async function measureCeilings(
  probed: ProbedDevice,
  software: boolean,
  precision: Ceilings['precision'],
  clock: Clock,
): Promise<Ceilings> {
  const { productWidth, arrayBytes } = sizes[software ? 'software' : probed.device === 'cpu' ? 'cpu' : 'gpu'];
  const linksPerSecond = async (chain: (links: number) => Graph) => {
    const feeds = { x: floatScalar(1 / productWidth) };
    const run = (links: number) => medianRunMs(chain(links), feeds, probed, clock, 4 * chainMs);
    const shortMs = await run(firstLinks);
    const links = Math.min(mostLinks, Math.ceil((firstLinks * chainMs) / shortMs));
    return links <= firstLinks ? (firstLinks / shortMs) * 1000 : (links / (await run(links))) * 1000;
  };
  const type = precision === 'float16' ? DataType.float16 : DataType.float;
  const products = await linksPerSecond((links) => productChain(links, productWidth, type));
  const multiplications = await linksPerSecond((links) => arrayChain(links, arrayBytes / 4));
  return {
    productFlopsPerSecond: 2 * productWidth ** 3 * products,
    productWidth,
    precision,
    bandwidthBytesPerSecond: 2 * arrayBytes * multiplications,
    arrayBytes,
  };
}

/** `a b b ... b` of square matrices; all entries of both are 1 / width, so that the product keeps its size. */
function productChain(links: number, width: number, type: WeightDataType): Graph {
  const g = new GraphBuilder();
  const x = g.op('Cast', [g.input('x', DataType.float, [])], { to: type });
  const b = g.op('Expand', [x, g.ints([width, width])]);
  let product = b;
  for (let i = 0; i < links; i++) product = g.op('MatMul', [product, b]);
  return oneNumberOf(g, g.op('Slice', [product, g.ints([0, 0]), g.ints([1, 1]), g.ints([0, 1])]));
}

/** An array times a number a little below 1, again and again. */
function arrayChain(links: number, elements: number): Graph {
  const g = new GraphBuilder();
  let array = g.op('Expand', [g.input('x', DataType.float, []), g.ints([elements / 1024, 1024])]);
  for (let i = 0; i < links; i++) array = g.op('Mul', [array, g.scalar(0.9999)]);
  return oneNumberOf(g, g.op('Slice', [array, g.ints([0, 0]), g.ints([1, 1]), g.ints([0, 1])]));
}

/** A graph that copies one number to the host, whatever it computes. */
function oneNumberOf(g: GraphBuilder, value: Value): Graph {
  g.output('y', g.op('Cast', [value], { to: DataType.float }), DataType.float, [1, 1]);
  return g.build('ceiling');
}
