/** Devices that an engine can be opened on. */
export const devices = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof devices)[number];

/** Devices whose engine keeps all state of a sample on the host. */
export type HostStateDevice = Exclude<Device, 'webgpu'>;

/** What `--device` takes: `auto` is the GPU where there is a real one, else the processor, and says which. */
export const deviceChoices = ['auto', ...devices] as const;
export type DeviceChoice = (typeof deviceChoices)[number];

/** What an engine runs on, as manifests, certificates and reports name it. */
export interface DeviceFacts {
  readonly device: Device;
  /** Of the processor or the adapter, as its driver calls it. */
  readonly name: string;
  /** Name and version of the GPU driver; null on the processor. */
  readonly driver: string | null;
}

/** A GPU adapter, as WebGPU describes it. */
export interface Adapter {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly driver: string;
  /** Whether it is a program on the processor, such as SwiftShader. */
  readonly software: boolean;
  /** Whether shaders may use half precision. */
  readonly f16: boolean;
  /** Sizes of subgroups, or null where shaders cannot use them. */
  readonly subgroups: { readonly min: number; readonly max: number } | null;
  readonly limits: {
    /** Largest buffer, in bytes. */
    readonly bufferBytes: number;
    /** Largest part of a buffer that a shader can see at once, in bytes. */
    readonly bindingBytes: number;
    /** Storage buffers of one shader. */
    readonly storageBuffers: number;
    /** Memory that the threads of one workgroup share, in bytes. */
    readonly workgroupBytes: number;
    /** Threads of one workgroup. */
    readonly workgroupThreads: number;
  };
}
