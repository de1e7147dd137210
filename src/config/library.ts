import { packageRoot } from '../paths.js';
import type { DataSource } from '../tasks/data/source.js';
import { loadTask } from '../tasks/library.js';
import type { Task } from '../tasks/task.js';
import { loadMethod, type MethodConfig, type SettingsId } from './method.js';

/** Method and task files of the package, each read once: a sweep asks for the same ones at every point. */
export class Library {
  readonly #root: string;
  readonly #source: DataSource;
  readonly #methods = new Map<string, MethodConfig>();
  readonly #tasks = new Map<string, Task>();

  constructor(root: string = packageRoot, source: DataSource = {}) {
    this.#root = root;
    this.#source = source;
  }

  /** Throws like `loadMethod`. */
  method(reference: string, settings: SettingsId): MethodConfig {
    const key = `${reference} ${settings}`;
    const method = this.#methods.get(key) ?? loadMethod(reference, settings, this.#root);
    this.#methods.set(key, method);
    return method;
  }

  /** Throws like `loadTask`. */
  task(id: string, profile: string): Task {
    const key = `${id} ${profile}`;
    const task = this.#tasks.get(key) ?? loadTask(id, profile, this.#root, this.#source);
    this.#tasks.set(key, task);
    return task;
  }
}
