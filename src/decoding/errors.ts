/** A sample that cannot be decoded: it becomes a row with an error, not the end of a run. */
export class DecodingError extends Error {
  readonly code: 'MASK_PREDICTED' | 'CANVAS_TOO_LONG' | 'PROMPT_ID' | 'PROMPT_MASK';

  constructor(code: DecodingError['code'], message: string) {
    super(message);
    this.name = 'DecodingError';
    this.code = code;
  }
}

/** Thrown between two passes when the run was asked to stop. */
export class InterruptedError extends Error {
  constructor() {
    super('interrupted');
    this.name = 'InterruptedError';
  }
}
