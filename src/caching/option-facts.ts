declare module 'zod' {
  /** What the schema of an option says of itself beside its shape (`.meta`); `repro explain` prints it. */
  interface GlobalMeta {
    /** What a number counts or measures: `rows`, `passes`, `probability`. Absent for pure numbers and for text. */
    unit?: string;
    /** Who states the option and its default: the paper with its section, the authors' code or script, or "ours". */
    source?: string;
  }
}

/** Of options that the Dynamic-dLLM paper leaves open. */
export const ourReading = 'Our reading; the default is that of the recorded traces';
