import { UsageError } from '../errors.js';
import type { MethodDefinition } from './experiment.js';
import type { MethodGroups } from './experiment-choice.js';
import type { LayeredFile } from './experiment-file.js';
import type { MethodEntry } from './experiment-schema.js';
import { listMethods, loadMethod } from './method.js';
import { type Override, valueText } from './overrides.js';

/** The methods of an experiment file: rows by id, and what the ids stand for where the file defines them. */
export interface MethodComposition {
  readonly groups: MethodGroups;
  readonly definitions: Readonly<Record<string, MethodDefinition>>;
  /** The settings of the definitions, as overrides of `methods.<id>`. */
  readonly overrides: readonly Override[];
}

type Path = readonly (string | number)[];

/**
 * Puts the methods into one form, whichever form the file has.
 *
 * @throws UsageError with file, line and column for a method that does not exist, or stands there twice.
 */
export function composeMethods(layers: LayeredFile, baseline: string, root: string): MethodComposition {
  const { errorAt } = layers;
  const definitions: Record<string, MethodDefinition> = {};
  const overrides: Override[] = [];
  const seen = new Set<string>();
  const add = (entry: MethodEntry, place: Path): string => {
    const label = typeof entry === 'string' ? entry : (entry.id ?? entry.use);
    checkMethod(layers, place, entry, root);
    if (seen.has(label)) throw errorAt(place, `method "${label}" is listed twice${labelHint(entry)}.`);
    seen.add(label);
    if (typeof entry === 'string') return label;
    const { use, name } = entry;
    definitions[label] = {
      use,
      name: name ?? (label === use ? undefined : `${loadMethod(use).name} (${label})`),
    };
    overrides.push(...settingsOf(layers, label, entry, place));
    return label;
  };
  const groups = methodLists(layers).map(({ name, methods }) => ({
    name,
    methods: methods.map(({ entry, place }) => add(entry, place)),
  }));
  if (!seen.has(baseline)) checkMethod(layers, ['baseline'], baseline, root);
  const [first] = groups;
  // A file without headings has no other place to say that the baseline is shown.
  const shown =
    layers.value.groups === undefined && first !== undefined && !seen.has(baseline)
      ? [{ ...first, methods: [baseline, ...first.methods] }]
      : groups;
  return { groups: shown, definitions, overrides };
}

/** The overrides of the file, in its order. */
export function fileOverrides(layers: LayeredFile): Override[] {
  return Object.entries(layers.value.overrides ?? {}).map(([path, value]) =>
    placedOverride(layers, ['overrides', path], path.split('.'), value),
  );
}

/** A value of a file as an override; messages begin with the place of the value, or of the path. */
export function placedOverride(
  { placeOf }: LayeredFile,
  place: Path,
  path: readonly string[],
  value: unknown,
  pathPlace: Path = place,
): Override {
  return { path, text: valueText(value), origin: placeOf(place), pathOrigin: placeOf(pathPlace, true) };
}

interface PlacedEntry {
  readonly entry: MethodEntry;
  readonly place: Path;
}

function methodLists({ value, errorAt }: LayeredFile): { name: string; methods: PlacedEntry[] }[] {
  const forms = (['groups', 'methods', 'method'] as const).filter((key) => value[key] !== undefined);
  const [form, second] = forms;
  if (form === undefined) {
    throw errorAt([], '"methods" is missing; write for example "methods: [dynamic-dllm]", or "groups".');
  }
  if (second !== undefined) {
    throw errorAt([second], `"${form}" and "${second}" say the same; keep one of them.`);
  }
  const placed = (entries: readonly MethodEntry[], place: Path) =>
    entries.map((entry, i) => ({ entry, place: [...place, i] }));
  if (value.groups !== undefined) {
    return value.groups.map(({ name, methods }, g) => ({
      name,
      methods: placed(methods, ['groups', g, 'methods']),
    }));
  }
  const methods =
    value.method === undefined
      ? placed(value.methods ?? [], ['methods'])
      : [{ entry: value.method, place: ['method'] }];
  return [{ name: 'Methods', methods }];
}

function checkMethod({ errorAt }: LayeredFile, place: Path, entry: MethodEntry, root: string): void {
  const reference = typeof entry === 'string' ? entry : entry.use;
  try {
    loadMethod(reference, undefined, root);
  } catch (error) {
    if (!(error instanceof UsageError) || !error.code.startsWith('METHOD_')) throw error;
    throw errorAt(typeof entry === 'string' ? place : [...place, 'use'], error.message);
  }
  if (typeof entry === 'string' || entry.id === undefined || entry.id === entry.use) return;
  if (listMethods(root).includes(entry.id)) {
    throw errorAt(
      [...place, 'id'],
      `"${entry.id}" is the id of another method; choose a label of your own for ${entry.use}.`,
    );
  }
}

function labelHint(entry: MethodEntry): string {
  return typeof entry === 'string' || entry.id !== undefined ? '' : '; give this one an id of its own';
}

/** The settings that an entry lays over its method; another policy or rule comes first, as it drops the old one's. */
function settingsOf(
  layers: LayeredFile,
  label: string,
  entry: Exclude<MethodEntry, string>,
  place: Path,
): Override[] {
  const tags = { cache: 'policy', unmask: 'rule' } as const;
  return (['cache', 'unmask'] as const).flatMap((part) => {
    const settings = Object.entries(entry[part] ?? {});
    const inOrder = [
      ...settings.filter(([key]) => key === tags[part]),
      ...settings.filter(([key]) => key !== tags[part]),
    ];
    return inOrder.map(([key, value]) =>
      placedOverride(layers, [...place, part, key], ['methods', label, part, key], value),
    );
  });
}
