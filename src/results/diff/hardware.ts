import { deviceKind, gpuName, type Manifest } from '../manifest.js';

/** What decides the last digits of a forward pass, and with them now and then a token. */
const classFacts = {
  CPU: ({ environment }) => environment.cpu,
  architecture: ({ environment }) => environment.architecture,
  onnxruntime: ({ environment }) => environment.onnxruntime,
  device: deviceKind,
  GPU: (manifest) => gpuName(manifest) ?? 'none',
  threads: ({ device }) => String(device.threads),
} as const satisfies Readonly<Record<string, (manifest: Manifest) => string>>;

/** What decides speed at most. */
const otherFacts = {
  'Node version': ({ environment }) => environment.node,
  driver: ({ device }) => device.driver ?? 'none',
} as const satisfies Readonly<Record<string, (manifest: Manifest) => string>>;

export interface HardwareComparison {
  /** `unknown` where a manifest is missing. */
  readonly hardware: 'same' | 'other' | 'unknown';
  /** A sentence for each fact that differs. */
  readonly warnings: readonly string[];
}

/** Whether two runs were made on the same class of machine, and how the machines differ. */
export function compareHardware(a: Manifest | undefined, b: Manifest | undefined): HardwareComparison {
  if (a === undefined || b === undefined) return { hardware: 'unknown', warnings: [] };
  const differing = (facts: Readonly<Record<string, (manifest: Manifest) => string>>): string[] =>
    Object.entries(facts)
      .filter(([, read]) => read(a) !== read(b))
      .map(([name, read]) => `different ${name}: ${read(a)} in A, ${read(b)} in B`);
  const classes = differing(classFacts);
  return {
    hardware: classes.length === 0 ? 'same' : 'other',
    warnings: [...classes, ...differing(otherFacts)],
  };
}
