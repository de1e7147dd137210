import { join } from 'node:path';
import type { Outcome, VerifyModel } from '../conformance/verify.js';
import type { Device } from '../engine/device.js';
import type { EngineFacts } from '../engine/types.js';
import { UsageError } from '../errors.js';

/** Engines by model folder; one is open at a time. */
export class VerifyModels {
  readonly #device: Device;
  #open: { dir: string; model: VerifyModel } | undefined;
  #facts: EngineFacts = {};

  constructor(device: Device) {
    this.#device = device;
  }

  /** What the engines say of how they compute. */
  get facts(): EngineFacts {
    return this.#facts;
  }

  /** The model, or why its vectors are skipped. @throws UsageError for a missing or damaged model. */
  async get(folder: string, name: string): Promise<VerifyModel | Outcome> {
    const dir = join(folder, name);
    if (this.#open?.dir === dir) return this.#open.model;
    await this.close();
    const { openCheckpoint } = await import('../models/checkpoint.js');
    const { openEngine } = await import('../engine/open.js');
    try {
      const checkpoint = await openCheckpoint(dir);
      const engine = await openEngine(checkpoint, { device: this.#device, threads: 1 });
      this.#facts = engine.facts;
      this.#open = { dir, model: { engine, dimensions: checkpoint.dimensions } };
      return this.#open.model;
    } catch (error) {
      if (error instanceof UsageError && error.code === 'MODEL_FAMILY_UNSUPPORTED') {
        return { state: 'skipped', reason: error.message };
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#open?.model.engine.close();
    this.#open = undefined;
  }
}
