import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { UsageError } from '../../errors.js';
import { encodeModel } from '../../formats/onnx/model.js';
import { deviceStepGraph } from '../../graph/device/step.js';
import type { DeviceTarget } from '../../graph/device/target.js';
import { type StepGraphSpec, specKey } from '../../graph/spec.js';
import { stepOpsets } from '../../graph/step.js';
import type { SessionOptions } from '../ort-session.js';
import { deviceFailure } from './failure.js';
import { webgpuOptions } from './options.js';

/** Above this many bytes of weights only one session is kept alive: each holds its own copy on the device. */
const manySessionsBytes = 1_000_000_000;

/** What a graph of the device depends on: it leaves nothing out, and has its caches in any case. */
function onDevice(spec: StepGraphSpec): StepGraphSpec {
  const rows = spec.rows.kind === 'uniform' ? ({ kind: 'uniform' } as const) : spec.rows;
  return { ...spec, rows, savings: [] };
}

/** Sessions on the GPU by spec, made on first use. */
export class DeviceSessions {
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, InferenceSession>();
  #created = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** @throws UsageError `ENGINE_SESSION` if the weights cannot be loaded or do not fit. */
  async get(spec: StepGraphSpec, target: DeviceTarget): Promise<InferenceSession> {
    const key = `${specKey(onDevice(spec))} ${JSON.stringify(target)}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    if (this.#options.weightBytes > manySessionsBytes) await this.close();
    const session = await this.#create(spec, target);
    this.#sessions.set(key, session);
    return session;
  }

  async #create(spec: StepGraphSpec, target: DeviceTarget): Promise<InferenceSession> {
    const { checkpointDir, weightsDir, model, profileDir } = this.#options;
    this.#created += 1;
    const graph = deviceStepGraph(model, spec, target);
    try {
      return await InferenceSession.create(encodeModel({ graph, ...stepOpsets }), {
        ...webgpuOptions({ model_external_initializers_file_folder_path: weightsDir }),
        ...(profileDir === undefined
          ? {}
          : { enableProfiling: true, profileFilePrefix: join(profileDir, `session-${this.#created}`) }),
      });
    } catch (error) {
      throw new UsageError(
        'ENGINE_SESSION',
        `the model in ${checkpointDir} does not start on WebGPU: ${deviceFailure(error)}; ` +
          'type "repro doctor" to see what the GPU can do, or use --device cpu.',
      );
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
