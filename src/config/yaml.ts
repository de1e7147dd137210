import { readFileSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors.js';
import { packageRoot } from '../paths.js';
import { describeIssue } from './issues.js';

/** A YAML file that its schema has accepted. */
export interface YamlFile<T> {
  readonly value: T;
  /** The same before the schema filled in defaults. */
  readonly raw: unknown;
  /** An error about the value at `path`, for checks that a schema cannot make. */
  errorAt(path: readonly (string | number)[], message: string): UsageError;
  /** `file:line:column` of the value at `path`, or of its key. */
  placeOf(path: readonly (string | number)[], atKey?: boolean): string;
}

/**
 * Reads a YAML file and checks it against a schema.
 *
 * @throws UsageError `CONFIG_NOT_FOUND`, `CONFIG_SYNTAX`, `CONFIG_UNKNOWN_KEY` or `CONFIG_INVALID`; the message
 * begins with `file:line:column:` and is about the first problem.
 */
export function readYaml<S extends z.ZodType>(path: string, schema: S): YamlFile<z.output<S>> {
  return parseYaml(readText(path), displayPath(path), schema);
}

/** `readYaml` on a text; `name` stands for the file in messages. */
export function parseYaml<S extends z.ZodType>(text: string, name: string, schema: S): YamlFile<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const [flaw] = [...document.errors, ...document.warnings];
  if (flaw !== undefined) {
    const several = 'Several documents in one file; leave out the lines "---".';
    const problem = flaw.code === 'MULTIPLE_DOCS' ? several : flaw.message;
    throw new UsageError('CONFIG_SYNTAX', `${place(flaw.pos[0])}: not valid YAML: ${sentence(problem)}`);
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    throw new UsageError('CONFIG_SYNTAX', `${name}:1:1: the file is empty.`);
  }
  const raw = toPlain(document, name);
  const placeOf = (path: readonly (string | number)[], atKey = false) =>
    place(offsetOf(document.contents, path, atKey));
  const errorAt = (path: readonly (string | number)[], message: string, atKey = false, code?: string) =>
    new UsageError(code ?? 'CONFIG_INVALID', `${placeOf(path, atKey)}: ${message}`);

  const result = schema.safeParse(raw);
  if (!result.success) {
    const { path, message, atKey } = describeIssue(schema, raw, result.error.issues[0]!);
    throw errorAt(path, message, atKey, atKey ? 'CONFIG_UNKNOWN_KEY' : 'CONFIG_INVALID');
  }
  return { value: result.data, raw, errorAt, placeOf };
}

function readText(path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem =
      code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code}); name a YAML file`;
    throw new UsageError('CONFIG_NOT_FOUND', `${displayPath(path)}: ${problem}.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError('CONFIG_SYNTAX', `${displayPath(path)}:1:1: the file is not UTF-8 text.`);
  }
}

/** A path as a reader knows it: inside the package from its root, else as given. */
export function displayPath(path: string): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(packageRoot, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside.split(sep).join('/');
}

function toPlain(document: ReturnType<typeof parseDocument>, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias without its anchor, or so many that they would fill the memory.
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError('CONFIG_SYNTAX', `${name}:1:1: not valid YAML: ${sentence(reason)}`);
  }
}

/** Where the value at `path` begins, or its key; the innermost existing place if there is none. */
function offsetOf(contents: Node | null, path: readonly (string | number)[], atKey: boolean): number {
  let node: unknown = contents;
  let offset = contents?.range?.[0] ?? 0;
  for (const [depth, part] of path.entries()) {
    let next: unknown;
    let key: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      next = pair?.value;
      key = pair?.key;
    } else if (typeof part === 'number' && typeof node === 'object' && node !== null && 'items' in node) {
      next = (node.items as unknown[])[part];
    }
    const last = depth === path.length - 1;
    const best = last && atKey ? (key ?? next) : (next ?? key);
    if (best === undefined || best === null) return offset;
    offset = (best as Node).range?.[0] ?? offset;
    node = next;
  }
  return offset;
}

function sentence(message: string): string {
  const [first = message] = message.split('\n');
  return `${first.replace(/[:.\s]+$/, '')}.`;
}
