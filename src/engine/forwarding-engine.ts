import type { SampleSetup, StepEngine, StepRequest, StepResult } from './types.js';

/** Passes everything on to another engine; what watches passes extends it and adds only what it watches. */
export class ForwardingEngine implements StepEngine {
  protected readonly inner: StepEngine;

  constructor(inner: StepEngine) {
    this.inner = inner;
  }

  get device(): string {
    return this.inner.device;
  }

  get facts(): StepEngine['facts'] {
    return this.inner.facts;
  }

  get layers(): number {
    return this.inner.layers;
  }

  begin(setup: SampleSetup): Promise<void> {
    return this.inner.begin(setup);
  }

  step(request: StepRequest): Promise<StepResult> {
    return this.inner.step(request);
  }

  memoryBytes(): Promise<number> {
    return this.inner.memoryBytes();
  }

  runMs(): Promise<number> {
    return this.inner.runMs();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
