import { InferenceSession } from 'onnxruntime-node';

/** Entry of a worker thread that has onnxruntime read the command line, on a stack that is large enough: no model is needed. */
await InferenceSession.create(new Uint8Array(1)).catch(() => undefined);
