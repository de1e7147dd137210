import { isJsonObject } from '../formats/json.js';
import { badAnswer } from './faults.js';
import { staysInside } from './repo.js';

/** A file of a commit. */
export interface HubFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the content, known for files in Git LFS only. */
  readonly sha256: string | undefined;
  /** Git's object id: of the content, or of the pointer for files in LFS. */
  readonly blobId: string;
}

/** Name of a file's content in the cache, and its checksum: SHA-256 for LFS files, else git's SHA-1. */
export function etagOf({ sha256, blobId }: HubFile): string {
  return sha256 ?? blobId;
}

/** By path, in the order of code units: the same wherever a listing comes from. */
export function sortFiles(files: Iterable<HubFile>): HubFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * The files of one page of the tree API; folders are left out.
 *
 * @throws UsageError `HUB_ANSWER` for what a listing does not hold, such as paths that leave the folder
 */
export function parseTreePage(text: string, address: string): HubFile[] {
  const page = parseJson(text, address);
  if (!Array.isArray(page)) throw badAnswer(address, 'is not a list of files');
  return page.flatMap((entry: unknown) => {
    if (!isJsonObject(entry)) throw badAnswer(address, 'is not a list of files');
    return entry.type === 'file' ? [parseFile(entry, address)] : [];
  });
}

function parseFile({ path, size, oid, lfs }: Record<string, unknown>, address: string): HubFile {
  const large = isJsonObject(lfs) ? lfs : undefined;
  const sha256 = typeof large?.oid === 'string' ? large.oid.replace(/^sha256:/, '').toLowerCase() : undefined;
  const file = { path, bytes: large?.size ?? size, sha256, blobId: oid };
  if (!isHubFile(file))
    throw badAnswer(address, `lists the file ${JSON.stringify(path)} in a way that is wrong`);
  return file;
}

/** Whether a value from outside is a file that may be written into the cache. */
export function isHubFile(file: Readonly<Record<keyof HubFile, unknown>>): file is HubFile {
  const { path, bytes, sha256, blobId } = file;
  return (
    typeof path === 'string' &&
    staysInside(path) &&
    Number.isSafeInteger(bytes) &&
    (bytes as number) >= 0 &&
    typeof blobId === 'string' &&
    /^[0-9a-f]{40}$/.test(blobId) &&
    (sha256 === undefined || (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)))
  );
}

/** Parses an answer of the API. @throws UsageError `HUB_ANSWER` */
export function parseJson(text: string, address: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badAnswer(address, 'is not JSON');
  }
}

/** Address of the next page by a Link header (RFC 8288), or undefined on the last one. */
export function nextPage(link: string | null, address: string): string | undefined {
  for (const [, target, parameters] of (link ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[^,;]+)*)/g)) {
    if (/;\s*rel\s*=\s*"?(?:[^"]*\s)?next\b/i.test(parameters!) && URL.canParse(target!, address)) {
      return new URL(target!, address).href;
    }
  }
  return undefined;
}
