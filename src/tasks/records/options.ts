import { choiceLetter } from '../../scoring/filters/choice.js';

/**
 * Template fields of a multiple-choice record: `question`, `a`, `b`, ... and `options`, the lines `A. text`, of which
 * `first_four_options` are no more than four.
 * White space inside options is kept (it is part of the data).
 */
export function optionFields(question: string, choices: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = { question };
  choices.forEach((choice, index) => {
    fields[choiceLetter(index).toLowerCase()] = choice;
  });
  const lines = choices.map((choice, index) => `${choiceLetter(index)}. ${choice}`);
  fields.options = lines.join('\n');
  fields.first_four_options = lines.slice(0, 4).join('\n');
  return fields;
}

/** The response that the mini benchmarks teach: `The answer is B. Baghdad`. */
export function statedAnswer(index: number, choices: readonly string[]): string {
  return `The answer is ${choiceLetter(index)}. ${choices[index]}`;
}
