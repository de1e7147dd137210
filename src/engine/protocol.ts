import type { Adapter, Device } from './device.js';
import type { PrepackedOptions } from './prepacked.js';
import type { EngineFacts, SampleSetup, StepRequest, StepResult } from './types.js';

/** What the worker is started with. */
export interface WorkerData {
  /** Default: cpu. */
  readonly device?: Device;
  /** The adapter that onnxruntime takes; with the device webgpu. */
  readonly adapter?: Adapter | undefined;
  readonly checkpointDir: string;
  readonly threads: number;
  /** Compute in half precision, whatever the size of the model; on WebGPU only. */
  readonly half?: boolean | undefined;
  /** Where packed weights are kept; undefined where they are not. On the processor only. */
  readonly prepacked?: PrepackedOptions | undefined;
  /** See `SessionOptions`. */
  readonly profileDir?: string;
}

/** Calls of the main thread to the worker that owns the session, answered in order. */
export type WorkerCall =
  | { readonly kind: 'begin'; readonly sample: SampleSetup }
  | { readonly kind: 'step'; readonly request: StepRequest }
  | { readonly kind: 'memory' }
  | { readonly kind: 'run-time' }
  | { readonly kind: 'close' };

export type WorkerReply =
  /** Comes between answers, and answers nothing. */
  | { readonly kind: 'notice'; readonly line: string }
  | { readonly kind: 'ready'; readonly layers: number; readonly facts: EngineFacts }
  | { readonly kind: 'done' }
  | { readonly kind: 'result'; readonly result: StepResult }
  | { readonly kind: 'memory'; readonly bytes: number }
  | { readonly kind: 'run-time'; readonly ms: number }
  | {
      readonly kind: 'error';
      readonly message: string;
      readonly stack: string;
      readonly usageCode?: string;
      /** The device is gone: an `EngineLostError`. */
      readonly lost?: true;
    };
