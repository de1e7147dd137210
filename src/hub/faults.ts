import { UsageError } from '../errors.js';
import type { Answer } from './http.js';
import { type HubRepo, repoName, repoPage } from './repo.js';
import type { HubSettings } from './settings.js';
import type { Transient } from './transient.js';

/** What was asked for, to name it in messages. */
export interface Subject {
  readonly repo: HubRepo;
  readonly revision: string;
  readonly path?: string;
}

/** `train.parquet of the data set openai/gsm8k`, `the data set openai/gsm8k at "main"`. */
function nameOf({ repo, revision, path }: Subject): string {
  return path === undefined ? `the ${repoName(repo)} at "${revision}"` : `${path} of the ${repoName(repo)}`;
}

/** How to do without the hub. */
export function localFiles({ kind }: HubRepo): string {
  return kind === 'dataset'
    ? 'use files that you have already (--data DIR)'
    : 'name the folder of a model that you have already';
}

/** The sentence for an answer that is neither the file nor a fault that may pass. */
export function refusal(
  answer: Pick<Answer, 'status' | 'headers' | 'host'>,
  subject: Subject,
  settings: HubSettings,
): UsageError {
  const { status, headers } = answer;
  const { repo, revision, path } = subject;
  const reason = headers.get('x-error-code') ?? '';
  const words = headers.get('x-error-message') ?? '';
  const page = repoPage(settings.endpoint, repo);
  const hasToken = settings.token !== undefined;
  const tokens = `${settings.endpoint}/settings/tokens`;
  if (
    reason === 'GatedRepo' ||
    (status === 403 && reason === '' && /gated|terms|authori[sz]ed list/i.test(words))
  ) {
    return gated(subject, page, hasToken, tokens);
  }
  if (status === 401 && hasToken && (/invalid credentials/i.test(words) || reason === '')) {
    return new UsageError(
      'HUB_TOKEN',
      `The hub at ${settings.endpoint} does not accept the token (401) for ${nameOf(subject)}; make a ` +
        `new one at ${tokens} and set HF_TOKEN (a gated one also needs its terms accepted at ${page}).`,
    );
  }
  if (reason === 'RepoNotFound' || status === 401) {
    const rights = hasToken
      ? 'if it is private or gated, HF_TOKEN must belong to someone who may read it'
      : `if it is private or gated, accept its terms at ${page} and set HF_TOKEN`;
    return new UsageError(
      'HUB_NO_REPO',
      `There is no ${repoName(repo)} at ${settings.endpoint}, or you may not see it (${status}); check ` +
        `the id; ${rights}.`,
    );
  }
  if (status === 403) {
    const said = words === '' ? '' : `: ${oneLine(words)}`;
    const right = hasToken ? 'give the token in HF_TOKEN the right to read it' : 'set HF_TOKEN';
    return new UsageError(
      'HUB_FORBIDDEN',
      `The hub refuses ${nameOf(subject)} (403${said}); open ${page} and accept its terms if there are ` +
        `any, and ${right}.`,
    );
  }
  if (status === 404 && path !== undefined && reason !== 'RevisionNotFound') return noFile(subject);
  if (status === 404 || reason === 'RevisionNotFound') {
    return new UsageError(
      'HUB_NO_REVISION',
      `The ${repoName(repo)} has no revision "${revision}"; see its branches and tags at ${page}/tree/main.`,
    );
  }
  return new UsageError(
    'HUB_STATUS',
    `${answer.host} answers ${status}${words === '' ? '' : ` (${oneLine(words)})`} when asked for ` +
      `${nameOf(subject)}; check HF_ENDPOINT, or try again later.`,
  );
}

function gated(subject: Subject, page: string, hasToken: boolean, tokens: string): UsageError {
  const next = hasToken
    ? `accept its terms at ${page} with the account whose token HF_TOKEN holds`
    : `accept its terms at ${page} and set HF_TOKEN to a token from ${tokens}`;
  return new UsageError('HUB_GATED', `The ${repoName(subject.repo)} is gated; ${next}.`);
}

/** A file that the revision does not have. */
export function noFile({ repo, revision, path }: Subject, didYouMean = ''): UsageError {
  return new UsageError(
    'HUB_NO_FILE',
    `The ${repoName(repo)} has no file ${path} at "${revision}".${didYouMean || ' Check the name.'}`,
  );
}

/**
 * The sentence for a fault that did not pass.
 *
 * @param kept what is left to do or to keep, a clause for the end of the sentence
 */
export function gaveUp(fault: Transient, subject: Subject, settings: HubSettings, kept = ''): UsageError {
  const what = nameOf(subject);
  const reason = fault.message;
  const tail = kept === '' ? '' : `; ${kept}`;
  const proxy =
    settings.unusedProxy === undefined
      ? ''
      : ` (Node uses ${settings.unusedProxy} from version 22.21 on and with NODE_USE_ENV_PROXY=1 only)`;
  switch (fault.kind) {
    case 'unreachable':
      return new UsageError(
        'HUB_UNREACHABLE',
        `The hub at ${settings.endpoint} cannot be reached (${reason}) for ${what}; check the ` +
          `network${proxy}, set HF_ENDPOINT to a mirror that you can reach, or ` +
          `${localFiles(subject.repo)}${tail}.`,
      );
    case 'busy': {
      const token = settings.token === undefined ? ', or set HF_TOKEN: with a token the limit is higher' : '';
      return new UsageError(
        'HUB_BUSY',
        `Too many requests (${reason}) for ${what}; wait${waitOf(fault)} and run it again${token}${tail}.`,
      );
    }
    case 'server':
      return new UsageError(
        'HUB_SERVER',
        `The hub fails (${reason}) for ${what}, again and again; run it again later${tail}.`,
      );
    case 'dropped':
      return new UsageError(
        'HUB_DROPPED',
        `The connection breaks off (${reason}) for ${what}, again and again; run it again to go on${tail}.`,
      );
  }
}

function waitOf({ waitMs }: Transient): string {
  return waitMs === undefined ? ' a while' : ` ${Math.ceil(waitMs / 1000)} s`;
}

/** What a server says, short and harmless in a terminal. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
}

/** An answer of the API that is not what the API gives. */
export function badAnswer(address: string, what: string): UsageError {
  return new UsageError(
    'HUB_ANSWER',
    `The answer of ${address} ${what}; check HF_ENDPOINT: it must be a hub, not a page for signing in ` +
      'to a network.',
  );
}
