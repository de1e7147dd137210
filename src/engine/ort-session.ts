import { join } from 'node:path';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { UsageError } from '../errors.js';
import type { GraphModel } from '../graph/layers.js';
import { type StepGraphSpec, specKey } from '../graph/spec.js';
import { stepModel } from '../graph/step.js';
import type { HostStateDevice } from './device.js';
import { giveNotice } from './notices.js';
import { discardPrepacked, type PrepackedOptions, prepackedModel } from './prepacked.js';

/** Above this many bytes of weights only one session is kept alive: each holds its own packed copy. */
const manySessionsBytes = 1_000_000_000;

/**
 * Whether a model of this size has one session alive at a time on the processor. Packed weights on disk, which are
 * mapped, change that.
 */
export function keepsOneSession(weightBytes: number, device: string = 'cpu'): boolean {
  return device === 'cpu' && weightBytes > manySessionsBytes;
}

export interface SessionOptions {
  /** Where the graphs run; default: cpu. */
  readonly device?: HostStateDevice | undefined;
  /** Folder of the checkpoint; external data is read from the files in it. */
  readonly checkpointDir: string;
  /** Folder that the files of the weights are relative to. */
  readonly weightsDir: string;
  readonly model: GraphModel;
  readonly weightBytes: number;
  /** Threads of one operator; fixed, because results must not depend on the load of the machine. */
  readonly threads: number;
  /** A folder for traces of every node run, one file a session, complete once the session is closed. For tests. */
  readonly profileDir?: string | undefined;
  /** Where packed weights are kept; undefined where they are not. */
  readonly prepacked?: PrepackedOptions | undefined;
}

/** What all sessions of a checkpoint have in common, those that are only timed included. */
export function sessionOptions(
  device: HostStateDevice,
  threads: number,
): Omit<InferenceSession.SessionOptions, 'extra'> {
  return {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // A pattern is kept for every number of rows and head rows that occurs, each with memory of its own: on a
    // LLaDA-8B-wide model of two layers that came to 4 GB after 30 passes. Without them no pass is slower.
    enableMemPattern: false,
    logSeverityLevel: 4,
  };
}

/** The same for `extra.session`. */
export function sessionEntries(weightsDir: string): Readonly<Record<string, string>> {
  return {
    model_external_initializers_file_folder_path: weightsDir,
    set_denormal_as_zero: '1',
    // Else the threads of a session spin for 60 ms after a run, and slow down the session of the next method.
    force_spinning_stop: '1',
  };
}

/** Sessions by spec, made on first use. */
export class SessionPool {
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, InferenceSession>();
  #created = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  async get(spec: StepGraphSpec): Promise<InferenceSession> {
    const key = specKey(spec);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const { weightBytes, prepacked } = this.#options;
    // Packed weights on disk are mapped: a session more takes hardly any memory.
    if (keepsOneSession(weightBytes) && prepacked === undefined) await this.close();
    const session = await this.#create(spec);
    this.#sessions.set(key, session);
    return session;
  }

  async #create(spec: StepGraphSpec): Promise<InferenceSession> {
    const {
      device = 'cpu',
      checkpointDir,
      weightsDir,
      model,
      threads,
      profileDir,
      prepacked,
    } = this.#options;
    this.#created += 1;
    const entries = sessionEntries(weightsDir);
    const options: InferenceSession.SessionOptions = {
      ...sessionOptions(device, threads),
      ...(profileDir === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: join(profileDir, `session-${this.#created}`) }),
      extra: { session: entries },
    };
    try {
      const graph = stepModel(model, spec);
      if (prepacked !== undefined) return await this.#prepacked(graph, prepacked, options, entries);
      return await InferenceSession.create(graph, options);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (device === 'cuda') throw new UsageError('ENGINE_SESSION', cudaFailure(error));
      throw new UsageError(
        'ENGINE_SESSION',
        `onnxruntime could not load the weights of ${checkpointDir}: ${firstLine(error)}. ` +
          'Type "repro doctor" to check the installation.',
      );
    }
  }

  /** A session on packed weights; what onnxruntime does not load of them is made anew. */
  async #prepacked(
    graph: Uint8Array,
    kept: PrepackedOptions,
    options: InferenceSession.SessionOptions,
    entries: Readonly<Record<string, string>>,
  ): Promise<InferenceSession> {
    const path = () =>
      prepackedModel(
        graph,
        kept,
        async ({ modelPath, entries: packing }) => {
          const writing = { ...options, optimizedModelFilePath: modelPath };
          const extra = { session: { ...entries, ...packing } };
          const session = await InferenceSession.create(graph, { ...writing, extra });
          await session.release();
        },
        giveNotice,
      );
    // The weights lie beside the packed graph, and no longer in the checkpoint.
    const { model_external_initializers_file_folder_path: _, ...others } = entries;
    const load = async (modelPath: string) =>
      InferenceSession.create(modelPath, { ...options, extra: { session: others } });
    const first = await path();
    try {
      return await load(first);
    } catch {
      await discardPrepacked(first);
      return load(await path());
    }
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) {
      if (this.#options.profileDir !== undefined) session.endProfiling();
      await session.release();
    }
  }
}

function cudaFailure(error: unknown): string {
  return (
    `onnxruntime could not start on CUDA: ${firstLine(error)}. It needs the libraries of CUDA 12 and cuDNN 9; use ` +
    '--device webgpu for a GPU without them, or --device cpu.'
  );
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0]!;
}

export type Feeds = Record<string, Tensor>;
