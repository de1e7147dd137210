/**
 * Random cases by number. `REPRO_CASES=2000` raises their count wherever it is lower, `REPRO_CASE=137` runs one
 * alone: what a failure asks for.
 */
const only = process.env.REPRO_CASE;

/** Whether a test runs all of its cases, so that it may expect something of all together. */
export const allCases = only === undefined;

export function caseCount(usual: number): number {
  return Math.max(usual, Number(process.env.REPRO_CASES ?? 0));
}

/**
 * Makes and checks case after case. A failure tells the case that it is about.
 * @param make From the case's number alone.
 */
export async function forCases<C>(
  usual: number,
  make: (number: number) => C,
  check: (made: C, number: number) => Promise<void> | void,
): Promise<void> {
  const numbers = allCases ? Array.from({ length: caseCount(usual) }, (_, i) => i) : [Number(only)];
  for (const number of numbers) {
    const made = make(number);
    try {
      await check(made, number);
    } catch (error) {
      if (error instanceof Error) error.message = `${describe(made, number)}\n${error.message}`;
      throw error;
    }
  }
}

function describe(made: unknown, number: number): string {
  const text = JSON.stringify(made, (_, value) =>
    ArrayBuffer.isView(value) ? Array.from(value as never) : value,
  );
  return `case ${number} (REPRO_CASE=${number} repeats it): ${text}`;
}
