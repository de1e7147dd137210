import { ProtobufWriter } from './protobuf.js';

/** `TensorProto.DataType` of onnx.proto. */
export const DataType = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  bfloat16: 16,
} as const;
export type DataType = (typeof DataType)[keyof typeof DataType];

interface TensorShape {
  readonly name: string;
  readonly dataType: DataType;
  readonly dims: readonly number[];
}

/** A tensor whose bytes (little-endian, row-major) stand in the model. */
export interface InlineTensor extends TensorShape {
  readonly data: Uint8Array;
}

/** A tensor whose bytes stand in another file; `location` is relative to the folder that the session is given. */
export interface ExternalTensor extends TensorShape {
  readonly external: {
    readonly location: string;
    /** In bytes from the start of the file; needs no alignment. */
    readonly offset: number;
    /** In bytes. */
    readonly length: number;
  };
}

export type Tensor = InlineTensor | ExternalTensor;

export type Attribute = { readonly name: string } & (
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly values: readonly number[] }
  | { readonly kind: 'floats'; readonly values: readonly number[] }
  | { readonly kind: 'tensor'; readonly value: Tensor }
);

export interface Node {
  readonly opType: string;
  /** An empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  /** Absent for the operators of ONNX itself; `com.microsoft` for onnxruntime's. */
  readonly domain?: string;
  readonly attributes?: readonly Attribute[];
}

export interface ValueInfo {
  readonly name: string;
  readonly dataType: DataType;
  /** A string names a dimension that is known at run time only. */
  readonly dims: readonly (number | string)[];
}

export interface Graph {
  readonly name: string;
  /** In topological order. */
  readonly nodes: readonly Node[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: readonly Tensor[];
}

export interface Opset {
  /** Empty for ONNX itself. */
  readonly domain: string;
  readonly version: number;
}

export interface Model {
  readonly graph: Graph;
  readonly opsets: readonly Opset[];
  readonly irVersion: number;
  readonly producer: string;
}

/** `AttributeProto.AttributeType` of onnx.proto. */
const attributeType = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

/** `TensorProto.DataLocation.EXTERNAL` of onnx.proto. */
const externalLocation = 1;

/**
 * The bytes of an ONNX `ModelProto`, as `onnxruntime` takes them. Field numbers are those of onnx.proto.
 * The same model always gives the same bytes.
 */
export function encodeModel(model: Model): Uint8Array {
  const writer = new ProtobufWriter(1 << 16);
  writer.varint(1, model.irVersion).string(2, model.producer);
  writer.message(7, (graph) => writeGraph(graph, model.graph));
  for (const opset of model.opsets) {
    writer.message(8, (id) => id.string(1, opset.domain).varint(2, opset.version));
  }
  return writer.finish();
}

function writeGraph(writer: ProtobufWriter, graph: Graph): void {
  for (const node of graph.nodes) writer.message(1, (nested) => writeNode(nested, node));
  writer.string(2, graph.name);
  for (const tensor of graph.initializers) writer.message(5, (nested) => writeTensor(nested, tensor));
  for (const input of graph.inputs) writer.message(11, (nested) => writeValueInfo(nested, input));
  for (const output of graph.outputs) writer.message(12, (nested) => writeValueInfo(nested, output));
}

function writeNode(writer: ProtobufWriter, node: Node): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  if (node.name !== undefined) writer.string(3, node.name);
  writer.string(4, node.opType);
  for (const attribute of node.attributes ?? []) {
    writer.message(5, (nested) => writeAttribute(nested, attribute));
  }
  if (node.domain !== undefined) writer.string(7, node.domain);
}

function writeAttribute(writer: ProtobufWriter, attribute: Attribute): void {
  writer.string(1, attribute.name);
  switch (attribute.kind) {
    case 'float':
      writer.float(2, attribute.value);
      break;
    case 'int':
      writer.varint(3, attribute.value);
      break;
    case 'string':
      writer.string(4, attribute.value);
      break;
    case 'tensor':
      writer.message(5, (nested) => writeTensor(nested, attribute.value));
      break;
    case 'floats':
      writer.packedFloats(7, attribute.values);
      break;
    case 'ints':
      writer.packedVarints(8, attribute.values);
      break;
  }
  writer.varint(20, attributeType[attribute.kind]);
}

function writeTensor(writer: ProtobufWriter, tensor: Tensor): void {
  writer.packedVarints(1, tensor.dims).varint(2, tensor.dataType).string(8, tensor.name);
  if ('data' in tensor) {
    writer.bytes(9, tensor.data);
    return;
  }
  const { location, offset, length } = tensor.external;
  for (const [key, value] of [
    ['location', location],
    ['offset', String(offset)],
    ['length', String(length)],
  ] as const) {
    writer.message(13, (entry) => entry.string(1, key).string(2, value));
  }
  writer.varint(14, externalLocation);
}

function writeValueInfo(writer: ProtobufWriter, info: ValueInfo): void {
  writer.string(1, info.name);
  writer.message(2, (type) =>
    type.message(1, (tensorType) => {
      tensorType.varint(1, info.dataType);
      // Written for scalars too: an absent shape would mean an unknown rank.
      tensorType.message(2, (shape) => {
        for (const dim of info.dims) {
          shape.message(1, (d) => (typeof dim === 'number' ? d.varint(1, dim) : d.string(2, dim)));
        }
      });
    }),
  );
}
