/** One execution of one node of a graph. */
export interface NodeRun {
  readonly operator: string;
  /** Dimensions of what the node read, without weights that were packed beforehand. */
  readonly inputs: readonly (readonly number[])[];
  /** Dimensions of its first output. */
  readonly output: readonly number[];
  /** Element type of its first output, as onnxruntime names it: `float`, `double`, `int64`, ... */
  readonly outputType: string;
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly args: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly TensorShape[];
    readonly output_type_shape?: readonly TensorShape[];
  };
}

/** `{ "float": [2, 3] }` */
type TensorShape = Readonly<Record<string, readonly number[]>>;

/** onnxruntime stops recording after so many events, without a word in the file. */
const mostEvents = 1_000_000;

/**
 * The events of a profiling trace of onnxruntime 1.30, a JSON array in Chrome's tracing format.
 * @throws Error if the trace may have been cut.
 */
export function readOrtEvents<E>(text: string): E[] {
  const events = JSON.parse(text) as E[];
  if (events.length >= mostEvents) throw new Error(`the trace was cut at ${mostEvents} events`);
  return events;
}

/**
 * The node executions in a profiling trace, and how often the session ran.
 * @throws Error if the trace may have been cut, or says nothing of a node's operator or output.
 */
export function readOrtTrace(text: string): { nodes: NodeRun[]; runs: number } {
  const events = readOrtEvents<TraceEvent>(text);
  return {
    nodes: events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time')).map(nodeRun),
    runs: events.filter(({ cat, name }) => cat === 'Session' && name === 'model_run').length,
  };
}

function nodeRun({ name, args }: TraceEvent): NodeRun {
  const { op_name: operator, input_type_shape: inputs = [], output_type_shape: outputs = [] } = args;
  const [output] = outputs.flatMap((shape) => Object.entries(shape));
  if (operator === undefined || output === undefined) throw new Error(`nothing is known of ${name}`);
  return {
    operator,
    inputs: inputs.flatMap((shape) => Object.values(shape)),
    outputType: output[0],
    output: output[1],
  };
}
