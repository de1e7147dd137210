import { choiceLetter } from '../../scoring/filters/choice.js';

/**
 * Template fields of a multiple-choice record: `question`, `a`, `b`, ... and `options`, the lines `A. text`.
 * White space inside options is kept (it is part of the data).
 */
export function optionFields(question: string, choices: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = { question };
  choices.forEach((choice, index) => {
    fields[choiceLetter(index).toLowerCase()] = choice;
  });
  fields.options = choices.map((choice, index) => `${choiceLetter(index)}. ${choice}`).join('\n');
  return fields;
}

/** The response that the mini benchmarks teach: `The answer is B. Baghdad`. */
export function statedAnswer(index: number, choices: readonly string[]): string {
  return `The answer is ${choiceLetter(index)}. ${choices[index]}`;
}
