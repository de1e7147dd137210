/** What was found about one part of a model folder. `broken` = it cannot be run so; `note` = it can. */
export interface ModelFinding {
  readonly part: 'config' | 'weights' | 'index' | 'tokenizer' | 'tokens' | 'template';
  readonly state: 'ok' | 'note' | 'broken';
  readonly text: string;
}

/** Adds a finding. */
export type Add = (part: ModelFinding['part'], state: ModelFinding['state'], text: string) => void;
