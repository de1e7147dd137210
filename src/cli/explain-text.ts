import type { Parameter } from '../config/parameters.js';
import type { Explanation, MethodLine, PresetFacts, StatedSetting } from './explain-facts.js';
import { styled, textWidth, wrapText } from './style.js';

const familyNames = { llada: 'LLaDA', dream: 'Dream' } as const;
const modelNames = { llada: 'LLaDA-8B-Instruct', 'llada-1.5': 'LLaDA-1.5', dream: 'Dream' } as const;

/** The list of methods: id, name, families, and the first sentence of the summary. */
export function renderList(methods: readonly MethodLine[]): string {
  const width = textWidth(process.stdout);
  const blocks = methods.map(({ id, name, summary, families }) => {
    const text = wrapText(firstSentence(summary), width - 2, '  ');
    return `${styled('bold', id, process.stdout)} (${name}; ${familyList(families)})\n  ${text}\n`;
  });
  return `${blocks.join('\n')}\nrepro explain <method> tells more.`;
}

/** Everything about one method, in lines no wider than the terminal; paths and ids are never broken. */
export function renderExplanation(explanation: Explanation): string {
  const { id, name, summary, source, families, preset, parts, parameters, generation, notes } = explanation;
  const width = textWidth(process.stdout);
  const presetLines =
    preset === undefined
      ? []
      : ['', wrapText(`Preset ${preset.id}: ${preset.summary}. Source: ${preset.source}.`, width, '  ')];
  const everyMethod =
    preset === undefined
      ? 'Settings of every method'
      : 'Settings of every method (the canvas of the preset is for repro generate; an experiment keeps its own)';
  return [
    `${styled('bold', id, process.stdout)} (${name})`,
    '',
    wrapText(summary, width),
    '',
    wrapText(`Source: ${source}.`, width, '  '),
    `Models: ${familyList(families)}.`,
    ...presetLines,
    heading('Parts'),
    ...parts.map((part) => item(`${part.path} = ${part.kind}: ${part.summary}`, width)),
    heading('Settings of the method (--set PATH=VALUE)'),
    ...(parameters.length === 0 ? ['  none'] : parameters.flatMap((p) => renderParameter(p, width))),
    heading(everyMethod),
    ...generation.flatMap((p) => renderParameter(p, width)),
    ...renderModels(explanation, width),
    ...renderPresets(explanation, width),
    ...(notes.length === 0 ? [] : [heading('Paper, released code, and here')]),
    ...notes.map((note) => item(`- ${note}`, width)),
  ].join('\n');
}

function renderParameter(parameter: Parameter, width: number): string[] {
  const { path, value, unit, description, source } = parameter;
  const initial = parameter.default === undefined ? 'no default' : `default ${parameter.default}`;
  const facts = [initial, range(parameter), ...(unit === undefined ? [] : [unit])].join('; ');
  const first = wrapText(`${path} = ${value ?? 'not set'} [${facts}]`, width - 6, '      ');
  const paragraph = (text: string) => `      ${wrapText(text, width - 6, '      ')}`;
  return [
    `  ${first.replace(path, styled('cyan', path, process.stdout))}`,
    paragraph(description),
    paragraph(`Source: ${source}`),
  ];
}

/** `one of a, b` / `whole number >= 0` / `number > 0 and <= 1` */
function range({ type, values, ...bounds }: Parameter): string {
  if (values !== undefined) return `one of ${values.join(', ')}`;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = bounds;
  const limits = [
    ...(minimum === undefined ? [] : [`>= ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`> ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`<= ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`< ${exclusiveMaximum}`]),
  ];
  return [type, ...(limits.length === 0 ? [] : [limits.join(' and ')])].join(' ');
}

function renderModels({ models }: Explanation, width: number): string[] {
  if (models.length === 0) return [];
  const about =
    'What stands above is for LLaDA-8B-Instruct. Every Dream model takes those of Dream; those of LLaDA-1.5 are taken by repro table2, and by a model file with "settings: llada-1.5".';
  return [
    heading('Settings for other models'),
    `  ${wrapText(about, width - 2, '  ')}`,
    ...models.map(({ id, settings }) => {
      const stated = settings.map(({ path, value }) => `${path} = ${value}`).join(', ');
      return item(`${modelNames[id]}: ${stated === '' ? 'as above' : stated}`, width);
    }),
  ];
}

function renderPresets({ id, presets }: Explanation, width: number): string[] {
  if (presets.length === 0) return [];
  const about =
    'A preset decides what it names, whatever the model. Its canvas (genLength/blockLength/steps) and sampler hold for repro generate; an experiment keeps its own.';
  return [
    heading(`Presets (name them as ${id}@PRESET)`),
    `  ${wrapText(about, width - 2, '  ')}`,
    ...presets.flatMap((preset, i) => [
      ...(preset.source === presets[i - 1]?.source ? [] : [item(`Source: ${preset.source}.`, width)]),
      renderPreset(preset, width),
    ]),
  ];
}

function renderPreset({ id, summary, settings }: PresetFacts, width: number): string {
  const text = wrapText(`${id}: ${summary}. ${presetSettings(settings)}`, width - 8, '        ');
  return `    ${text.replace(id, styled('cyan', id, process.stdout))}`;
}

/** `promptInterval 50, responseInterval 7; canvas 256/8/256, temperature 0.2` */
function presetSettings(settings: readonly StatedSetting[]): string {
  const parts = settings
    .filter(({ path }) => path.startsWith('method.'))
    .map(({ path, value }) => `${path.split('.').slice(2).join('.')} ${value}`);
  const ofGeneration = new Map(
    settings
      .filter(({ path }) => path.startsWith('generation.'))
      .map(({ path, value }) => [path.slice('generation.'.length), value]),
  );
  const canvasKeys = ['genLength', 'blockLength', 'steps'];
  const sizes = canvasKeys.map((key) => ofGeneration.get(key));
  const isWhole = sizes.every((size) => size !== undefined);
  const rest = [...ofGeneration].filter(([key]) => !isWhole || !canvasKeys.includes(key));
  const generation = [
    ...(isWhole ? [`canvas ${sizes.join('/')}`] : []),
    ...rest.map(([key, value]) => `${key} ${value}`),
  ];
  return [parts, generation]
    .filter((list) => list.length > 0)
    .map((list) => list.join(', '))
    .join('; ');
}

function heading(text: string): string {
  return `\n${styled('bold', text, process.stdout)}`;
}

function item(text: string, width: number): string {
  return `  ${wrapText(text, width - 4, '    ')}`;
}

function familyList(families: Explanation['families']): string {
  return families.map((family) => familyNames[family]).join(' and ');
}

function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;
}
