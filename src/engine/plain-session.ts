import { InferenceSession } from 'onnxruntime-node';

/** A session on the processor for measuring, with the options of those of the steps. */
export function plainSession(
  model: Uint8Array,
  { weightsDir, threads }: { readonly weightsDir: string; readonly threads: number },
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // As the sessions of the steps: a pattern of memory for each number of rows would be kept.
    enableMemPattern: false,
    logSeverityLevel: 4,
    extra: {
      session: { model_external_initializers_file_folder_path: weightsDir, set_denormal_as_zero: '1' },
    },
  });
}
