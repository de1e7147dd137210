import type { PublishedFigure } from '../results/paper.js';
import { publishedNotes } from './notes.js';
import type { Grid, GridRow, Line, Report } from './report.js';
import { certaintyMarks, missing, unknown } from './show.js';
import { type LengthFact, lengthKeys, type PublishedSetting, type Table4Facts } from './table4-facts.js';

const title = "Table 4: Settings, the paper's and ours";

/** Columns of the lengths. */
const lengthTitles = { genLength: 'generation length', blockLength: 'block length', steps: 'steps' } as const;

/** The settings as a report of two grids: lengths by benchmark, and settings by method. It has no figures. */
export function table4Report(facts: Table4Facts): Report {
  const published = [...facts.lengths, ...facts.methods].flatMap((fact) => fact.published ?? []);
  return {
    title,
    grids: [lengthsGrid(facts), methodsGrid(facts)],
    notes: [
      `task files: tasks/BENCHMARK.${facts.profile}.yaml, for real checkpoints; reference: Table 1 on the reference model, ` +
        "where the paper's 256 maps to 128",
      "B_layer and B_window at the paper's 256 tokens: ours are a rule, generation length / 8",
      ...publishedNotes('', published.map(asFigure)),
    ],
    rankNote: '',
    figures: [],
  };
}

function lengthsGrid({ lengths }: Table4Facts): Grid {
  const benchmarks = [...new Set(lengths.map(({ benchmark }) => benchmark))];
  return {
    heading: 'Benchmarks',
    labels: ['Benchmark'],
    lines: [''],
    columns: lengthKeys.map((key) => ({
      title: lengthTitles[key],
      parts: ['paper', 'task file', 'reference'],
      align: 'right',
    })),
    groups: [
      {
        name: '',
        rows: benchmarks.map((id): GridRow => {
          const own = lengths.filter(({ benchmark }) => benchmark === id);
          return {
            labels: [own[0]!.title],
            cells: lengthKeys.map((key) => lengthCells(own.find(({ setting }) => setting === key)!)),
          };
        }),
      },
    ],
  };
}

function lengthCells({ published, task, reference }: LengthFact): Line[][] {
  return [[[publishedText(published)]], [[task === null ? missing : String(task)]], [[String(reference)]]];
}

function methodsGrid({ methods }: Table4Facts): Grid {
  return {
    heading: 'Methods',
    labels: ['Method', 'Model', 'Setting'],
    lines: [''],
    columns: [
      { title: 'paper', parts: [''], align: 'right' },
      { title: 'ours', parts: [''], align: 'right' },
      { title: '', parts: [''], align: 'left' },
      { title: 'where', parts: [''], align: 'left' },
    ],
    groups: [
      {
        name: '',
        rows: methods.map(({ name, model, setting, published, ours, same, path }) => ({
          labels: [name, model, setting],
          cells: [publishedText(published), String(ours), same ? 'same' : 'differs', path].map((text) => [
            [[text]],
          ]),
        })),
      },
    ],
  };
}

function publishedText(published: PublishedSetting | null): string {
  return published === null ? unknown : `${published.value} ${certaintyMarks[published.certainty]}`;
}

/** For the notes, which ask for certainty and source only. */
function asFigure({ value, certainty, source }: PublishedSetting): PublishedFigure {
  return { value: Number(value), certainty, source };
}
