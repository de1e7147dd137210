import type { WeightRange } from '../builder.js';

/** Bytes of a value on the device. */
export const bytesPerValue = { float32: 4, float16: 2 } as const;

const storedBytes = { F32: 4, F16: 2, BF16: 2 } as const;

/** Some output rows of a linear layer, as a tensor of their own. */
export interface WeightPart {
  readonly name: string;
  readonly range: WeightRange;
}

/**
 * A linear layer `[out, in]` cut by output rows into equal parts, none of which takes more than `limitBytes` on
 * the device: each part is a byte range of the same file.
 *
 * @param bytes Of a value on the device, whatever the file holds.
 */
export function splitRows(name: string, range: WeightRange, bytes: number, limitBytes: number): WeightPart[] {
  const [out = 0, inner = 0] = range.shape;
  const count = Math.ceil((out * inner * bytes) / limitBytes);
  if (count <= 1) return [{ name, range }];
  const rows = Math.ceil(out / count);
  const rowBytes = inner * storedBytes[range.dtype];
  return Array.from({ length: Math.ceil(out / rows) }, (_, i) => {
    const [from, to] = [i * rows, Math.min(out, (i + 1) * rows)];
    return {
      name: `${name}[${from}:${to}]`,
      range: {
        ...range,
        shape: [to - from, inner],
        offset: range.offset + from * rowBytes,
        bytes: (to - from) * rowBytes,
      },
    };
  });
}
