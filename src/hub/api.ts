import { isJsonObject } from '../formats/json.js';
import { badAnswer, gaveUp, refusal, type Subject } from './faults.js';
import type { Answer, HubHttp } from './http.js';
import { type HubFile, nextPage, parseJson, parseTreePage, sortFiles } from './listing.js';
import { apiAddress, type HubRepo, isCommit } from './repo.js';
import type { HubSettings } from './settings.js';
import { type RetryPorts, Transient, withRetries } from './transient.js';

const mostPages = 10_000;

/** The two questions that the hub's API answers: which commit, and which files. */
export class HubApi {
  readonly #settings: HubSettings;
  readonly #http: HubHttp;
  readonly #retries: RetryPorts;

  constructor(settings: HubSettings, http: HubHttp, retries: RetryPorts) {
    this.#settings = settings;
    this.#http = http;
    this.#retries = retries;
  }

  /** The commit that a branch or a tag stands for now. @throws UsageError */
  async commitOf(repo: HubRepo, revision: string, signal?: AbortSignal): Promise<string> {
    const address = `${this.#address(repo)}/revision/${encodeURIComponent(revision)}`;
    const { text } = await this.#ask(address, { repo, revision }, signal);
    const answer = parseJson(text, address);
    const commit = isJsonObject(answer) ? answer.sha : undefined;
    if (typeof commit !== 'string' || !isCommit(commit)) throw badAnswer(address, 'names no commit');
    return commit;
  }

  /** All files of a commit, by path, from as many pages as there are. @throws UsageError */
  async filesOf(repo: HubRepo, commit: string, signal?: AbortSignal): Promise<HubFile[]> {
    const files = new Map<string, HubFile>();
    const seen = new Set<string>();
    let address: string | undefined = `${this.#address(repo)}/tree/${commit}?recursive=true`;
    while (address !== undefined) {
      if (seen.has(address) || seen.size === mostPages) throw badAnswer(address, 'has pages without end');
      seen.add(address);
      const { text, link } = await this.#ask(address, { repo, revision: commit }, signal);
      for (const file of parseTreePage(text, address)) files.set(file.path, file);
      address = nextPage(link, address);
    }
    return sortFiles(files.values());
  }

  #address(repo: HubRepo): string {
    return apiAddress(this.#settings.endpoint, repo);
  }

  async #ask(address: string, subject: Subject, signal?: AbortSignal) {
    try {
      return await withRetries(
        async () => {
          const answer = await this.#http.get(address, {}, signal);
          if (answer.status !== 200) throw await this.#refusal(answer, subject, signal);
          return { text: await answer.text(), link: answer.headers.get('link') };
        },
        { ...this.#retries, signal },
      );
    } catch (error) {
      if (error instanceof Transient) throw gaveUp(error, subject, this.#settings);
      throw error;
    }
  }

  /**
   * A 404 without the hub's own code may mean the repository or the revision: the repository is asked for.
   */
  async #refusal(answer: Answer, subject: Subject, signal?: AbortSignal): Promise<Error> {
    await answer.discard();
    if (answer.status !== 404 || answer.headers.has('x-error-code')) {
      return refusal(answer, subject, this.#settings);
    }
    const repository = await this.#http.get(this.#address(subject.repo), {}, signal);
    await repository.discard();
    if (repository.status === 200) return refusal(answer, subject, this.#settings);
    const headers = new Headers({ 'x-error-code': 'RepoNotFound' });
    return refusal({ status: repository.status, host: answer.host, headers }, subject, this.#settings);
  }
}
