import { UsageError } from '../errors.js';
import { pythonStrip } from '../scoring/python-text.js';
import { didYouMean } from '../suggest.js';
import type { Shot } from './messages.js';
import type { TaskSpec } from './spec.js';

const PLACEHOLDER = /\{([a-z_]+)(\|trim)?\}/g;

/**
 * Fills `{field}` placeholders; `{field|trim}` without outer white space, as Python strips. Values are put in as they are: braces
 * in them are never read again.
 *
 * @param where the task, for the error message
 * @throws UsageError TASK_TEMPLATE for a placeholder that the record has no value for
 */
export function fillTemplate(
  template: string,
  fields: Readonly<Record<string, string>>,
  where: string,
): string {
  return template.replace(PLACEHOLDER, (_whole, name: string, trim: string | undefined) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value === undefined) {
      const known = Object.keys(fields);
      throw new UsageError(
        'TASK_TEMPLATE',
        `The prompt of task ${where} names {${name}}, which the record has not; it has ${known.join(', ')}.` +
          didYouMean(name, known),
      );
    }
    return trim === undefined ? value : pythonStrip(value);
  });
}

/**
 * A record as an example of a task.
 *
 * @param target Template of its answer; that of the task unless told.
 * @throws UsageError TASK_TEMPLATE
 */
export function fillShot(
  spec: TaskSpec,
  fields: Readonly<Record<string, string>>,
  target: string = spec.target ?? '',
): Shot {
  const where = `${spec.id}.${spec.profile}`;
  return {
    text: fillTemplate(spec.shotPrompt ?? spec.prompt, fields, where),
    target: fillTemplate(target, fields, where),
  };
}
