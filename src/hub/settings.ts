import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.js';

/** Where the hub is, who asks, and where its files are kept. */
export interface HubSettings {
  /** Without a slash at the end; may have a path (a mirror inside a company's registry). */
  readonly endpoint: string;
  /** Sent to `endpoint` only. Never print it. */
  readonly token: string | undefined;
  /** The folder that Python's huggingface_hub calls HF_HUB_CACHE; absolute. */
  readonly cacheFolder: string;
  /** No network at all: only what is in `cacheFolder`. */
  readonly offline: boolean;
  /**
   * Name of a proxy variable that is set but that Node does not heed; for the message when nothing is
   * reached.
   */
  readonly unusedProxy?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const publicEndpoint = 'https://huggingface.co';

/**
 * The settings that the environment gives, by the names and the precedence of Python's huggingface_hub:
 * HF_ENDPOINT, HF_TOKEN (else the file HF_TOKEN_PATH, else HF_HOME/token), HF_HUB_CACHE (else
 * HUGGINGFACE_HUB_CACHE, else HF_HOME/hub), HF_HOME (else XDG_CACHE_HOME/huggingface), HF_HUB_OFFLINE. An
 * empty variable counts as not set.
 *
 * @throws UsageError `HUB_ENDPOINT`, `HUB_TOKEN`
 */
export function hubSettings(environment: Environment = process.env, home: string = homedir()): HubSettings {
  const value = (...names: string[]) => names.map((name) => environment[name]).find((text) => text);
  const folder = (text: string) => resolve(expand(text, environment, home));
  const caches = value('XDG_CACHE_HOME') ?? join(home, '.cache');
  const hfHome = folder(value('HF_HOME') ?? join(caches, 'huggingface'));
  const endpoint = checkEndpoint(value('HF_ENDPOINT') ?? publicEndpoint);
  return {
    endpoint,
    token: readToken(
      value('HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'),
      folder(value('HF_TOKEN_PATH') ?? join(hfHome, 'token')),
      endpoint,
    ),
    cacheFolder: folder(value('HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE') ?? join(hfHome, 'hub')),
    offline: /^(1|true|yes|on)$/i.test(value('HF_HUB_OFFLINE') ?? ''),
    ...unusedProxy(environment, endpoint),
  };
}

/** Node's fetch heeds proxy variables only where it is asked to, which Node 20 cannot be. */
function unusedProxy(environment: Environment, endpoint: string): Pick<HubSettings, 'unusedProxy'> {
  const name = endpoint.startsWith('https:') ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const found = [name, name.toLowerCase()].find((candidate) => environment[candidate]);
  return found === undefined || environment.NODE_USE_ENV_PROXY === '1' ? {} : { unusedProxy: found };
}

/** `~/x` and `$NAME/x` as Python's expanduser and expandvars read them; unknown names stay as they are. */
function expand(path: string, environment: Environment, home: string): string {
  return path
    .replace(/^~(?=\/|$)/, () => home)
    .replace(/\$(?:(\w+)|\{(\w+)\})/g, (text, plain, braced) => environment[plain ?? braced] ?? text);
}

function checkEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (what: string) =>
    new UsageError(
      'HUB_ENDPOINT',
      `HF_ENDPOINT ${what}; write an address such as ${publicEndpoint}, or unset HF_ENDPOINT.`,
    );
  // Such an address holds a password: it must not be shown.
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw refuse('holds a user name or password, which belongs in HF_TOKEN');
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw refuse(`is ${JSON.stringify(text)}, which is not the http(s) address of a hub`);
  }
  return url.href.replace(/\/+$/, '');
}

function readToken(fromVariable: string | undefined, path: string, endpoint: string): string | undefined {
  const [where, text] =
    fromVariable === undefined ? [`The file ${path}`, readIfThere(path)] : ['HF_TOKEN', fromVariable];
  const token = text?.trim() ?? '';
  if (token === '') return undefined;
  // Checked here because the message of fetch about a bad header would show the token.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(
      'HUB_TOKEN',
      `${where} does not hold a token (it has blanks or letters that no token has); copy it again from ` +
        `${endpoint}/settings/tokens.`,
    );
  }
  return token;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(
      'HUB_TOKEN',
      `The token file ${path} cannot be read (${code}); mend its rights, or set HF_TOKEN.`,
    );
  }
}
