import { UsageError } from '../errors.js';

/** A repository of models or of data sets on the hub. */
export interface HubRepo {
  readonly kind: 'model' | 'dataset';
  /** `owner/name`, or `name` alone for the hub's oldest repositories. */
  readonly id: string;
}

const idPart = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?$/;
const longestId = 96;

/**
 * A repository by its id, which becomes a part of addresses and of folder names.
 *
 * @throws UsageError `HUB_ID` unless it is `owner/name` or `name` as the hub allows them.
 */
export function hubRepo(kind: HubRepo['kind'], id: string): HubRepo {
  const parts = id.split('/');
  const ok = parts.length <= 2 && parts.every((part) => idPart.test(part)) && !/--|\.\./.test(id);
  if (!ok || id.length > longestId) {
    throw new UsageError(
      'HUB_ID',
      `${JSON.stringify(id)} is not the id of a ${kindName({ kind })} on the hub; write it as ` +
        'OWNER/NAME, the end of the address of its page.',
    );
  }
  return { kind, id };
}

/** `model`, `data set`: for messages. */
export function kindName({ kind }: Pick<HubRepo, 'kind'>): string {
  return kind === 'model' ? 'model' : 'data set';
}

/** `data set openai/gsm8k`: for messages. */
export function repoName(repo: HubRepo): string {
  return `${kindName(repo)} ${repo.id}`;
}

/** Folder of a repository in the cache, named as Python's huggingface_hub does. */
export function repoFolder({ kind, id }: HubRepo): string {
  return `${kind}s--${id.replace('/', '--')}`;
}

/** Address of the page on which terms are accepted: people open it in a browser. */
export function repoPage(endpoint: string, { kind, id }: HubRepo): string {
  return `${endpoint}/${kind === 'dataset' ? 'datasets/' : ''}${id}`;
}

/** Address of the hub's API for a repository. */
export function apiAddress(endpoint: string, { kind, id }: HubRepo): string {
  return `${endpoint}/api/${kind}s/${id}`;
}

/** Address of one file at a commit. */
export function fileAddress(endpoint: string, repo: HubRepo, commit: string, path: string): string {
  return `${repoPage(endpoint, repo)}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Whether a revision is a whole commit hash: then nobody needs to be asked what it stands for. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** Whether a relative path with `/` stays in its folder, on every system. */
export function staysInside(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\x00-\x1f\x7f\\]/.test(path) || /^[A-Za-z]:/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/**
 * Refuses a revision that is no branch, tag or commit: it becomes a file name below `refs/`.
 *
 * @throws UsageError `HUB_REVISION`
 */
export function checkRevision(revision: string): void {
  if (staysInside(revision) && !/[ ~^:?*[]/.test(revision) && !revision.includes('..')) return;
  throw new UsageError(
    'HUB_REVISION',
    `${JSON.stringify(revision)} is not a revision; name a branch such as "main", a tag, or a commit.`,
  );
}
