import { UsageError } from '../../errors.js';
import { didYouMean } from '../../suggest.js';
import { findDuplicateKey, isJsonObject } from '../json.js';
import { bytesPerElement, type Dtype, dtypes, elementCount, isDtype } from './dtypes.js';

/** Bytes of the little-endian header length that starts every file. */
export const lengthPrefixBytes = 8;

/** The reference implementation's limit for the JSON header. */
export const maxHeaderBytes = 100_000_000;

/** One tensor of a header; `begin` and `end` count from the start of the data, as in the file. */
export interface HeaderTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their data. */
  readonly tensors: readonly HeaderTensor[];
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * The header's length from the first eight bytes of a file.
 *
 * @param file Name for messages.
 * @throws UsageError if the file cannot hold a header of that length.
 */
export function headerLength(prefix: Uint8Array, fileBytes: number, file: string): number {
  if (prefix.length < lengthPrefixBytes || fileBytes < lengthPrefixBytes) {
    throw new UsageError(
      'SAFETENSORS_TRUNCATED',
      `${file}: ${fileBytes} bytes are too few for a safetensors file; download it again`,
    );
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, lengthPrefixBytes);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    throw new UsageError(
      'SAFETENSORS_HEADER_TOO_LARGE',
      `${file}: the header claims ${length} bytes, above the format's limit of ${maxHeaderBytes}; this is not a safetensors file`,
    );
  }
  if (Number(length) > fileBytes - lengthPrefixBytes) {
    throw new UsageError(
      'SAFETENSORS_TRUNCATED',
      `${file}: the header claims ${length} bytes, but the file has only ${fileBytes}; download it again`,
    );
  }
  return Number(length);
}

/**
 * Reads and checks a JSON header: every tensor has a known dtype, a shape that fits its byte range, and the
 * ranges cover the data exactly once (https://github.com/huggingface/safetensors, "Format").
 *
 * @param dataBytes Bytes of the file after the header.
 * @param file Name for messages.
 * @throws UsageError naming the file and, where there is one, the tensor.
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, file: string): Header {
  const entries = parseJson(bytes, file);
  const tensors: HeaderTensor[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, entry] of Object.entries(entries)) {
    if (name === '__metadata__') metadata = parseMetadata(entry, file);
    else tensors.push(parseTensor(name, entry, file));
  }
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(tensors, dataBytes, file);
  return { tensors, metadata };
}

function parseJson(bytes: Uint8Array, file: string): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError('SAFETENSORS_HEADER_NOT_JSON', `${file}: the header is not JSON (${reason})`);
  }
  if (!isJsonObject(value)) {
    throw new UsageError('SAFETENSORS_HEADER_NOT_JSON', `${file}: the header is not a JSON object`);
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw new UsageError(
      'SAFETENSORS_DUPLICATE_NAME',
      `${file}: the header has "${duplicate}" twice in one object, so the file contradicts itself`,
    );
  }
  return value;
}

function parseMetadata(entry: unknown, file: string): Map<string, string> {
  if (!isJsonObject(entry)) {
    throw new UsageError('SAFETENSORS_BAD_METADATA', `${file}: __metadata__ is not an object`);
  }
  return new Map(
    Object.entries(entry).map(([key, value]) => {
      if (typeof value === 'string') return [key, value];
      throw new UsageError('SAFETENSORS_BAD_METADATA', `${file}: __metadata__ "${key}" is not a string`);
    }),
  );
}

function parseTensor(name: string, entry: unknown, file: string): HeaderTensor {
  const where = `${file}: tensor "${name}"`;
  if (!isJsonObject(entry)) {
    throw new UsageError('SAFETENSORS_BAD_TENSOR', `${where} is not described by an object`);
  }
  const unknown = Object.keys(entry).find((key) => !['dtype', 'shape', 'data_offsets'].includes(key));
  if (unknown !== undefined) {
    throw new UsageError('SAFETENSORS_BAD_TENSOR', `${where} has an unknown field "${unknown}"`);
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isDtype(dtype)) {
    throw new UsageError(
      'SAFETENSORS_UNKNOWN_DTYPE',
      `${where} has the unknown dtype ${JSON.stringify(dtype)}; known are ${dtypes.join(', ')}.` +
        didYouMean(String(dtype), dtypes),
    );
  }
  if (!isListOfCounts(shape)) {
    throw new UsageError('SAFETENSORS_BAD_SHAPE', `${where} has no list of whole numbers as its shape`);
  }
  if (!isListOfCounts(offsets) || offsets.length !== 2) {
    throw new UsageError('SAFETENSORS_BAD_OFFSETS', `${where} has no pair of whole numbers as data_offsets`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = elementCount(shape) * bytesPerElement(dtype);
  if (!Number.isSafeInteger(bytes) || end - begin !== bytes) {
    throw new UsageError(
      'SAFETENSORS_SIZE_MISMATCH',
      `${where} of shape [${shape.join(', ')}] and dtype ${dtype} needs ${bytes} bytes, but its offsets ${begin} to ${end} hold ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function isListOfCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** The ranges, sorted, must follow each other without overlap or gap from the first data byte to the last. */
function checkCoverage(tensors: readonly HeaderTensor[], dataBytes: number, file: string): void {
  let covered = 0;
  let previous = '';
  for (const { name, begin, end } of tensors) {
    if (end > dataBytes) {
      throw new UsageError(
        'SAFETENSORS_OUT_OF_RANGE',
        `${file}: tensor "${name}" ends at data byte ${end}, but the file holds ${dataBytes}; download it again`,
      );
    }
    if (begin < covered) {
      throw new UsageError(
        'SAFETENSORS_OVERLAP',
        `${file}: tensor "${name}" starts at data byte ${begin}, inside tensor "${previous}"`,
      );
    }
    if (begin > covered) {
      throw new UsageError(
        'SAFETENSORS_GAP',
        `${file}: ${begin - covered} data bytes before tensor "${name}" belong to no tensor`,
      );
    }
    covered = end;
    previous = name;
  }
  if (covered < dataBytes) {
    throw new UsageError(
      'SAFETENSORS_GAP',
      `${file}: the last ${dataBytes - covered} data bytes belong to no tensor`,
    );
  }
}
