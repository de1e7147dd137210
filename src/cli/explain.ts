import type { Parameter } from '../config/parameters.js';
import { defineCommand } from './command.js';
import { styled, textWidth, wrapText } from './style.js';

/** Everything about a method that `--json` prints. */
interface Explanation {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly parts: readonly { readonly path: string; readonly kind: string; readonly summary: string }[];
  readonly parameters: readonly Parameter[];
  /** Settings that every method has. */
  readonly generation: readonly Parameter[];
  readonly notes: readonly string[];
}

export const command = defineCommand({
  command: 'explain [method]',
  describe: 'What a method does, its settings, and where paper and released code differ',
  builder: (yargs) =>
    yargs
      .positional('method', {
        type: 'string',
        describe: 'Id of a method; without it, all methods are listed',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
      .example('repro explain dynamic-dllm', 'settings as --set takes them, with their defaults'),
  handler: async ({ method, json }) => {
    if (method === undefined) await listAll(json);
    else await explainOne(method, json);
  },
});

async function listAll(json: boolean): Promise<void> {
  const { listMethods, loadMethod } = await import('../config/method.js');
  const methods = listMethods().map((id) => loadMethod(id));
  if (json) {
    const list = methods.map(({ id, name, summary, source }) => ({ id, name, summary, source }));
    process.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
    return;
  }
  const width = textWidth(process.stdout);
  const blocks = methods.map(({ id, name, summary }) => {
    const text = wrapText(`${firstSentence(summary)}`, width - 2, '  ');
    return `${styled('bold', id, process.stdout)} (${name})\n  ${text}\n`;
  });
  process.stdout.write(`${blocks.join('\n')}\nrepro explain <method> tells more.\n`);
}

async function explainOne(id: string, json: boolean): Promise<void> {
  const explanation = await explanationOf(id);
  const text = json ? JSON.stringify(explanation, null, 2) : render(explanation);
  process.stdout.write(`${text}\n`);
}

async function explanationOf(method: string): Promise<Explanation> {
  const { loadMethod } = await import('../config/method.js');
  const { isAutoSize } = await import('../config/method-auto.js');
  const { listParameters } = await import('../config/parameters.js');
  const { objectSchema } = await import('../config/schema-walk.js');
  const { cacheOptions } = await import('../caching/registry.js');
  const { unmaskOptions } = await import('../decoding/rules/registry.js');
  const { generationOptions } = await import('../decoding/settings.js');
  const { id, name, summary, source, cache, unmask, notes } = loadMethod(method);
  const cacheParameters = listParameters(cacheOptions, cache, 'method.cache').map((parameter) => {
    const isAuto = isAutoSize(cache, parameter.path.split('.').at(-1)!);
    return isAuto ? { ...parameter, value: 'genLength / 8 (auto)' } : parameter;
  });
  return {
    id,
    name,
    summary,
    source,
    parts: [
      {
        path: 'method.cache.policy',
        kind: cache.policy,
        summary: objectSchema(cacheOptions, cache)?.description ?? '',
      },
      {
        path: 'method.unmask.rule',
        kind: unmask.rule,
        summary: objectSchema(unmaskOptions, unmask)?.description ?? '',
      },
    ],
    parameters: [...cacheParameters, ...listParameters(unmaskOptions, unmask, 'method.unmask')],
    generation: listParameters(generationOptions, generationOptions.parse({}), 'generation'),
    notes,
  };
}

function render({ id, name, summary, source, parts, parameters, generation, notes }: Explanation): string {
  const width = textWidth(process.stdout);
  const heading = (text: string) => `\n${styled('bold', text, process.stdout)}`;
  const item = (text: string) => `  ${wrapText(text, width - 4, '    ')}`;
  return [
    `${styled('bold', id, process.stdout)} (${name})`,
    '',
    wrapText(summary, width),
    '',
    wrapText(`Source: ${source}.`, width, '  '),
    heading('Parts'),
    ...parts.map((part) => item(`${part.path} = ${part.kind}: ${part.summary}`)),
    heading('Settings of the method (--set PATH=VALUE)'),
    ...(parameters.length === 0 ? ['  none'] : parameters.flatMap((p) => renderParameter(p, width))),
    heading('Settings of every method'),
    ...generation.flatMap((p) => renderParameter(p, width)),
    ...(notes.length === 0 ? [] : [heading('Paper and released code')]),
    ...notes.map((note) => item(`- ${note}`)),
  ].join('\n');
}

function renderParameter(parameter: Parameter, width: number): string[] {
  const { path, value, description } = parameter;
  const shown = value === null ? 'not set' : String(value);
  const changed = parameter.default === undefined || parameter.default === value;
  const note = changed ? '' : ` (default ${parameter.default})`;
  return [
    `  ${styled('cyan', path, process.stdout)} = ${shown}${note}   ${range(parameter)}`,
    `      ${wrapText(description, width - 6, '      ')}`,
  ];
}

/** `one of a, b` / `whole number >= 0` */
function range({ type, values, minimum, maximum }: Parameter): string {
  if (values !== undefined) return `one of ${values.join(', ')}`;
  if (minimum !== undefined && maximum !== undefined) return `${type}, ${minimum} to ${maximum}`;
  return minimum === undefined ? type : `${type} >= ${minimum}`;
}

function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;
}
