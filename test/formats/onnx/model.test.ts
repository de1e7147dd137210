import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataType, encodeModel, type Model } from '../../../src/formats/onnx/model.js';

const floatBytes = (values: number[]): Uint8Array => new Uint8Array(new Float32Array(values).buffer);

const addModel: Model = {
  graph: {
    name: 'g',
    nodes: [{ opType: 'Add', inputs: ['x', 'w'], outputs: ['y'], name: 'n' }],
    inputs: [{ name: 'x', dataType: DataType.float, dims: ['m', 2] }],
    outputs: [{ name: 'y', dataType: DataType.float, dims: ['m', 2] }],
    initializers: [{ name: 'w', dataType: DataType.float, dims: [2], data: floatBytes([1, -2]) }],
  },
  opsets: [{ domain: '', version: 21 }],
  irVersion: 10,
  producer: 'repro',
};

describe('ONNX model bytes', () => {
  test('golden bytes of a one-node model, field by field', () => {
    // name; type { tensor_type { elem_type 1; shape { dim { dim_param "m" } dim { dim_value 2 } } } }
    const valueInfo = (name: string): string => `0a01${name}120f0a0d080112090a0312016d0a020802`;
    const golden = [
      '080a', // ir_version 10
      '1205726570726f', // producer_name "repro"
      '3a56', // graph, 86 bytes
      '0a110a01780a01771201791a016e2203416464', // node { input x, w; output y; name n; op_type Add }
      '120167', // name "g"
      '2a120a010210014201774a080000803f000000c0', // initializer { dims [2]; float; name w; raw_data }
      `5a14${valueInfo('78')}`, // input x
      `6214${valueInfo('79')}`, // output y
      '42040a001015', // opset_import { domain ""; version 21 }
    ];
    expect(Buffer.from(encodeModel(addModel)).toString('hex')).toBe(golden.join(''));
  });

  test('every kind of attribute has its own field and type', () => {
    const bytes = encodeModel({
      ...addModel,
      graph: {
        ...addModel.graph,
        nodes: [
          {
            opType: 'T',
            inputs: [],
            outputs: [],
            domain: 'd',
            attributes: [
              { name: 'a', kind: 'float', value: 1 },
              { name: 'b', kind: 'int', value: -1 },
              { name: 'c', kind: 'string', value: 's' },
              { name: 'd', kind: 'floats', values: [1] },
              { name: 'e', kind: 'ints', values: [1, 2] },
              {
                name: 'f',
                kind: 'tensor',
                value: { name: 't', dataType: DataType.int64, dims: [], data: new Uint8Array(8) },
              },
            ],
          },
        ],
      },
    });
    const text = Buffer.from(bytes).toString('hex');
    expect(text).toContain('0a0161' + '150000803f' + 'a00101');
    expect(text).toContain('0a0162' + '18ffffffffffffffffff01' + 'a00102');
    expect(text).toContain('0a0163' + '220173' + 'a00103');
    expect(text).toContain('0a0164' + '3a040000803f' + 'a00106');
    expect(text).toContain('0a0165' + '42020102' + 'a00107');
    expect(text).toContain('0a0166' + '2a0f' + '1007420174' + '4a080000000000000000' + 'a00104');
    expect(text).toContain('3a0164');
  });
});

describe('onnxruntime takes the bytes', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'repro-onnx-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('runs a model with an inline initialiser for any number of rows', async () => {
    const session = await InferenceSession.create(encodeModel(addModel));
    const { y } = await session.run({ x: new OrtTensor('float32', [1, 2, 3, 4, 5, 6], [3, 2]) });
    expect([...(y!.data as Float32Array)]).toEqual([2, 0, 4, 2, 6, 4]);
    await session.release();
  });

  test('reads initialisers straight out of a .safetensors file, bfloat16 through a Cast', async () => {
    // A 3-column float32 matrix and a bfloat16 vector, at offsets that are aligned to nothing.
    const header = JSON.stringify({
      pad: { dtype: 'U8', shape: [3], data_offsets: [0, 3] },
      weight: { dtype: 'F32', shape: [2, 3], data_offsets: [3, 27] },
      bias: { dtype: 'BF16', shape: [2], data_offsets: [27, 31] },
    });
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    const bf16 = Buffer.from([0x80, 0x3f, 0x20, 0xc1]); // 1, -10
    const data = Buffer.concat([Buffer.from([9, 9, 9]), floatBytes([1, 2, 3, 4, 5, 6]), bf16]);
    await writeFile(join(folder, 'model.safetensors'), Buffer.concat([prefix, Buffer.from(header), data]));
    const start = 8 + header.length;
    const location = 'model.safetensors';
    const model = encodeModel({
      ...addModel,
      graph: {
        name: 'linear',
        nodes: [
          {
            opType: 'Cast',
            inputs: ['bias'],
            outputs: ['b'],
            attributes: [{ name: 'to', kind: 'int', value: DataType.float }],
          },
          {
            opType: 'Gemm',
            inputs: ['x', 'weight', 'b'],
            outputs: ['y'],
            attributes: [{ name: 'transB', kind: 'int', value: 1 }],
          },
        ],
        inputs: [{ name: 'x', dataType: DataType.float, dims: ['m', 3] }],
        outputs: [{ name: 'y', dataType: DataType.float, dims: ['m', 2] }],
        initializers: [
          {
            name: 'weight',
            dataType: DataType.float,
            dims: [2, 3],
            external: { location, offset: start + 3, length: 24 },
          },
          {
            name: 'bias',
            dataType: DataType.bfloat16,
            dims: [2],
            external: { location, offset: start + 27, length: 4 },
          },
        ],
      },
    });
    const session = await InferenceSession.create(model, {
      extra: { session: { model_external_initializers_file_folder_path: folder } },
    });
    const { y } = await session.run({ x: new OrtTensor('float32', [1, 1, 1, 1, 0, -1], [2, 3]) });
    expect([...(y!.data as Float32Array)]).toEqual([7, 5, -1, -12]);
    await session.release();
  });

  test('an external range past the end of the file is refused at creation', async () => {
    await writeFile(join(folder, 'short.safetensors'), new Uint8Array(16));
    const model = encodeModel({
      ...addModel,
      graph: {
        ...addModel.graph,
        initializers: [
          {
            name: 'w',
            dataType: DataType.float,
            dims: [2],
            external: { location: 'short.safetensors', offset: 12, length: 8 },
          },
        ],
      },
    });
    const extra = { session: { model_external_initializers_file_folder_path: folder } };
    await expect(InferenceSession.create(model, { extra })).rejects.toThrow(
      /short\.safetensors|out of bounds/,
    );
  });
});
