import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { type Hub, type HubPorts, openHub } from '../../src/hub/hub.js';
import type { PullEvent } from '../../src/hub/progress.js';
import { hubRepo } from '../../src/hub/repo.js';
import type { HubSettings } from '../../src/hub/settings.js';
import { FakeHub } from './fake-hub.js';

export const commit = 'c'.repeat(40);
export const repo = hubRepo('dataset', 'owner/data');
export const all = () => true;

/** Bytes that are the same each time and differ at every place. */
export function bytes(length: number, seed = 1): Buffer {
  const buffer = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    buffer[i] = state >>> 24;
  }
  return buffer;
}

export interface Bench {
  readonly server: FakeHub;
  readonly cacheFolder: string;
  /** Pauses that were asked for, in milliseconds; none is waited for. */
  readonly pauses: number[];
  readonly events: PullEvent[];
  readonly client: (settings?: Partial<HubSettings>, ports?: Partial<HubPorts>) => Hub;
}

/** A hub with the branch `main` and a client with an empty cache; both are gone after the test. */
export async function bench(): Promise<Bench> {
  const server = await FakeHub.start();
  server.branches.set('main', commit);
  const cacheFolder = await temporaryFolder();
  onTestFinished(() => server.stop());
  const pauses: number[] = [];
  const events: PullEvent[] = [];
  const client: Bench['client'] = (settings = {}, ports = {}) =>
    openHub(
      { endpoint: server.endpoint, token: undefined, cacheFolder, offline: false, ...settings },
      {
        fetch: globalThis.fetch,
        sleep: async (ms) => void pauses.push(ms),
        onProgress: (event) => void events.push(event),
        ...ports,
      },
    );
  return { server, cacheFolder, pauses, events, client };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'repro-hub-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The UsageError with which a promise ends. */
export async function faultOf(promise: Promise<unknown>): Promise<UsageError> {
  const error = await promise.then(
    (value) => new Error(`no error but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UsageError)) throw error;
  return error;
}
