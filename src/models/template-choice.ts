/** Templates that can be named where there is no model: to look at prompts before any is loaded. */
export const builtInTemplates = ['llada', 'chatml'] as const;
export type BuiltInTemplate = (typeof builtInTemplates)[number];

/** Where a model's chat template comes from: `own` is what its folder says; `none` sends prompts as they are. */
export const templateChoices = ['own', 'none', ...builtInTemplates] as const;
export type TemplateChoice = (typeof templateChoices)[number];
