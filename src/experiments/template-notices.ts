import type { OpenModel } from './loaded-model.js';
import type { PlannedGroup } from './plan.js';

/**
 * What to know of benchmarks that ask for a chat template where the model has none: right for a base model, and
 * wrong for an instruct model whose template was left behind. A model file with `chatTemplate: none` has decided.
 */
export function templateNotices(groups: readonly PlannedGroup[], models: readonly OpenModel[]): string[] {
  return models
    .filter(({ chat, config }) => chat === undefined && config.chatTemplate !== 'none')
    .flatMap(({ config, checkpoint }) => {
      const asking = groups.filter(
        ({ model, task }) =>
          model.dir === config.dir &&
          (task.spec.chat === true ||
            (task.spec.chat === 'dream' && checkpoint.dimensions.family === 'dream')),
      );
      if (asking.length === 0) return [];
      const benchmarks = [...new Set(asking.map(({ benchmark }) => benchmark))].join(', ');
      return [
        `${benchmarks}: model ${config.id} has no chat template, so prompts go in as they are, as for a base model; for an ` +
          `instruct model put its chat_template.jinja (or "chat_template" in tokenizer_config.json) into ${config.dir}`,
      ];
    });
}
