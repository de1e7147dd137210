import {
  type Attribute,
  DataType,
  type Graph,
  type Node,
  type Tensor,
  type ValueInfo,
} from '../formats/onnx/model.js';

/**
 * What a node of a step graph is for; the name of the node starts with it, so that a profile tells.
 *
 * - `linears`: products with weights, their biases with them; the head's are of `head`.
 * - `attention`: rotations, scores and mixing, without the output projection.
 * - `selection`: distances and the choice of rows.
 * - `head`: from final hidden rows to what a rule reads.
 * - `state`: rows gathered and scattered between what is kept and what is computed, and sums of what is kept.
 * - `other`: embeddings, norms, activations, residual sums.
 */
export const graphParts = ['linears', 'attention', 'selection', 'head', 'state', 'other'] as const;
export type GraphPart = (typeof graphParts)[number];

/** The name of a tensor that flows through the graph under construction. */
export type Value = string & { readonly __value?: never };

/** Attribute values as plain JavaScript: `2` is an int, `float(2)` a float. */
export type AttributeValue = number | readonly number[] | string | { readonly float: number } | Tensor;

/** Marks a number that ONNX wants as a float attribute. */
export function float(value: number): AttributeValue {
  return { float: value };
}

function toAttribute(name: string, value: AttributeValue): Attribute {
  if (typeof value === 'number') return { name, kind: 'int', value };
  if (typeof value === 'string') return { name, kind: 'string', value };
  if ('float' in value) return { name, kind: 'float', value: value.float };
  if ('dims' in value) return { name, kind: 'tensor', value };
  return { name, kind: 'ints', values: value };
}

/** Where a weight lies: a byte range of a checkpoint file, fed to onnxruntime as external data. */
export interface WeightRange {
  /** File name relative to the checkpoint folder. */
  readonly file: string;
  readonly dtype: 'F32' | 'F16' | 'BF16';
  readonly shape: readonly number[];
  readonly offset: number;
  readonly bytes: number;
}

/** What a weight is computed with. */
export type WeightDataType = typeof DataType.float | typeof DataType.float16;

const weightType = {
  F32: DataType.float,
  F16: DataType.float16,
  BF16: DataType.bfloat16,
  I8: DataType.int8,
  U8: DataType.uint8,
} as const;

/**
 * Collects nodes, inputs, outputs and initialisers of one ONNX graph. Every method that makes a tensor
 * returns its name; names are unique because they end in a running number.
 */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #inputs = new Map<string, ValueInfo>();
  readonly #outputs: ValueInfo[] = [];
  readonly #outputNames = new Map<Value, string>();
  readonly #initializers = new Map<string, Tensor>();
  readonly #weights = new Map<string, Value>();
  #count = 0;
  #part: GraphPart | undefined;

  /** Declares a graph input. Declaring it again with the same name returns the same value. */
  input(name: string, dataType: DataType, dims: readonly (number | string)[]): Value {
    if (!this.#inputs.has(name)) this.#inputs.set(name, { name, dataType, dims });
    return name;
  }

  /** Names `value`, the output of a node, as a graph output: the node's output takes that name. */
  output(name: string, value: Value, dataType: DataType, dims: readonly (number | string)[]): void {
    if (this.#outputNames.has(value)) throw new Error(`${value} is already the output ${name}`);
    this.#outputNames.set(value, name);
    this.#outputs.push({ name, dataType, dims });
  }

  /** Counts the nodes that `build` adds to `part`. What is inside a part stays in it: the outermost holds. */
  part<T>(part: GraphPart, build: () => T): T {
    const outer = this.#part;
    this.#part = outer ?? part;
    try {
      return build();
    } finally {
      this.#part = outer;
    }
  }

  /** A node with one output. */
  op(opType: string, inputs: readonly Value[], attributes: Record<string, AttributeValue> = {}): Value {
    return this.ops(opType, inputs, 1, attributes)[0]!;
  }

  /** A node with `outputs` outputs. */
  ops(
    opType: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Record<string, AttributeValue> = {},
  ): Value[] {
    return this.#push(opType, inputs, outputs, attributes);
  }

  /** A node of onnxruntime's own domain. */
  contrib(opType: string, inputs: readonly Value[], attributes: Record<string, AttributeValue> = {}): Value {
    return this.contribs(opType, inputs, 1, attributes)[0]!;
  }

  /** A node of onnxruntime's own domain with `outputs` outputs. */
  contribs(
    opType: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Record<string, AttributeValue> = {},
  ): Value[] {
    return this.#push(opType, inputs, outputs, attributes, 'com.microsoft');
  }

  #push(
    opType: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Record<string, AttributeValue>,
    domain?: string,
  ): Value[] {
    const id = this.#count++;
    const names = Array.from({ length: outputs }, (_, i) => `${opType}_${id}${i === 0 ? '' : `_${i}`}`);
    this.#nodes.push({
      opType,
      inputs,
      outputs: names,
      name: `${this.#part ?? 'other'}/${opType}_${id}`,
      ...(domain === undefined ? {} : { domain }),
      attributes: Object.entries(attributes).map(([name, value]) => toAttribute(name, value)),
    });
    return names;
  }

  /** A checkpoint tensor as `dataType`; other types are converted by a Cast that onnxruntime folds at load. */
  weight(name: string, range: WeightRange, dataType: WeightDataType = DataType.float): Value {
    const key = `${name}:${dataType}`;
    const known = this.#weights.get(key);
    if (known !== undefined) return known;
    const stored = this.stored(name, range);
    const same = weightType[range.dtype] === dataType;
    const value = same ? stored : this.op('Cast', [stored], { to: dataType });
    this.#weights.set(key, value);
    return value;
  }

  /** A checkpoint tensor in the type that its file has. */
  stored(
    name: string,
    range: Omit<WeightRange, 'dtype'> & { readonly dtype: keyof typeof weightType },
  ): Value {
    this.#initializers.set(name, {
      name,
      dataType: weightType[range.dtype],
      dims: range.shape,
      external: { location: range.file, offset: range.offset, length: range.bytes },
    });
    return name;
  }

  /** A float32 constant. */
  floats(name: string, dims: readonly number[], values: Float32Array): Value {
    return this.#constant(name, DataType.float, dims, values);
  }

  /** A float64 constant. */
  floats64(name: string, dims: readonly number[], values: Float64Array): Value {
    return this.#constant(name, DataType.double, dims, values);
  }

  /** A small int64 constant, shared by content. `dims` defaults to `[values.length]`. */
  ints(values: readonly number[], dims: readonly number[] = [values.length]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant(`int_${values.join('_')}_${dims.join('x')}`, DataType.int64, dims, data);
  }

  /** A float32 scalar constant, shared by content. */
  scalar(value: number): Value {
    return this.#constant(`float_${value}`, DataType.float, [], Float32Array.of(value));
  }

  #constant(name: string, dataType: DataType, dims: readonly number[], values: ArrayBufferView): Value {
    if (!this.#initializers.has(name)) {
      const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      this.#initializers.set(name, { name, dataType, dims, data });
    }
    return name;
  }

  build(name: string): Graph {
    const rename = (value: Value) => this.#outputNames.get(value) ?? value;
    return {
      name,
      nodes: this.#nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map(rename),
      })),
      inputs: [...this.#inputs.values()],
      outputs: this.#outputs,
      initializers: [...this.#initializers.values()],
    };
  }
}
