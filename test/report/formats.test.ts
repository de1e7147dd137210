import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { escapeLatex } from '../../src/report/latex.js';
import { escapeMarkdown } from '../../src/report/markdown.js';
import { renderers } from '../../src/report/renderers.js';
import { buildTable1 } from '../../src/report/table1.js';
import { table1Report } from '../../src/report/table1-report.js';
import type { PaperRow } from '../../src/results/paper.js';
import { rowOf } from './rows.js';
import { latexTables, markdownTables } from './shape.js';

/** A published figure of a made-up source. */
function published(method: string, benchmark: string, metric: string, value: string): PaperRow {
  const isAccuracy = metric === 'accuracy';
  return {
    ...{ table: 'Table 1', model: 'm', method, benchmark, metric, relation: '=', value },
    unit: isAccuracy ? '%' : 'x',
    setting: '',
    certainty: isAccuracy ? 'secondary' : 'stated',
    remark: '',
    source: isAccuracy ? 'A & B_C, 100 % sure' : 'the paper',
    ...{ published_model: 'Model_X', published_method: method, published_benchmark: benchmark },
  };
}

const view = buildTable1({
  title: 'Accuracy & speed of 100 % {made_up} methods (reference model)',
  groups: [
    {
      name: 'One_token per step',
      methods: [
        { id: 'vanilla', name: 'baseline' },
        { id: 'fast', name: 'Fast_[cache] | 50 %' },
        { id: 'odd', name: '*odd* <b>&' },
      ],
    },
    { name: 'Parallel #decoding', methods: [{ id: 'par', name: '[par]*' }] },
  ],
  benchmarks: [
    { id: 'mmlu', title: 'MMLU' },
    { id: 'gsm8k', title: 'GSM8K' },
    { id: 'math', title: 'MATH^2' },
  ],
  average: ['mmlu', 'gsm8k'],
  baseline: 'vanilla',
  summary: [
    rowOf('vanilla', 'mmlu', 4, 400),
    rowOf('vanilla', 'gsm8k', 3, 400),
    rowOf('vanilla', 'math', 2, 400),
    rowOf('fast', 'mmlu', 4, 200, { verdict: 'same within 1 point; speed-up valid' }),
    rowOf('fast', 'gsm8k', 2, 100, {
      errors: 1,
      tps_low: 30,
      tps_high: 50,
      verdict:
        'cannot tell with n = 4 (needs about 90); speed-up not shown to be valid: accuracy may be 60.0 points lower',
    }),
    rowOf('fast', 'math', 1, 400, { tps_low: null, tps_high: null }),
    rowOf('odd', 'mmlu', 1, 100, { verdict: 'worse; speed-up not valid: accuracy is 75.0 points lower' }),
    rowOf('odd', 'gsm8k', 2, 200, { verdict: 'worse; speed-up valid' }),
    rowOf('odd', 'math', 0, 50, { tps: null, speedup: null }),
    rowOf('par', 'gsm8k', 3, 80, { verdict: 'same within 1 point; speed-up valid' }),
  ],
  paper: [
    published('vanilla', 'gsm8k', 'accuracy', '77.5'),
    published('fast', 'gsm8k', 'accuracy', '77.9'),
    published('par', 'gsm8k', 'accuracy', '77.5'),
    published('vanilla', 'gsm8k', 'TPS', '8.32'),
    published('fast', 'gsm8k', 'TPS', '22.7'),
    published('par', 'gsm8k', 'TPS', '37.29'),
    published('par', 'gsm8k', 'speedup', '4.48'),
  ],
});
const report = table1Report(view, ['not finished: this is a test']);

test.each([
  ['terminal', 'txt'],
  ['markdown', 'md'],
  ['latex', 'tex'],
  ['csv', 'csv'],
  ['json', 'json'],
] as const)('%s, the whole of it', async (format, extension) => {
  await expect(renderers[format](report)).toMatchFileSnapshot(`../fixtures/report/table1.${extension}`);
});

test('a narrow terminal gets the same table in parts', async () => {
  await expect(renderers.terminal(report, { width: 80 })).toMatchFileSnapshot(
    '../fixtures/report/table1-narrow.txt',
  );
});

test('styles change no other character of a terminal table', () => {
  const styled = renderers.terminal(report, {
    width: 80,
    emphasise: (text, rank) =>
      rank === 'best' ? `\u001b[1m${text}\u001b[22m` : `\u001b[4m${text}\u001b[24m`,
  });
  const plain = stripVTControlCharacters(styled);
  expect(plain).toBe(`${renderers.terminal(report, { width: 80 })}${report.rankNote}\n`);
  expect(styled).toContain('\u001b[4m~40.0');
});

describe('the shape of tables', () => {
  test('Markdown rows have one number of cells', () => {
    const [table, ...others] = markdownTables(renderers.markdown(report));
    expect(others).toEqual([]);
    expect(table!.length).toBe(2 + 2 + 4 * 4);
    for (const row of table!) expect(row).toHaveLength(2 + 2 * 4);
  });

  test('LaTeX rows fill all columns of their tabular, and every brace is closed', () => {
    const text = renderers.latex(report);
    const tables = latexTables(text);
    expect(tables.length).toBeGreaterThan(1);
    for (const { columns, rows } of tables) {
      expect(rows.length).toBe(2 + 2 + 4 * 4);
      for (const cells of rows) expect(cells).toBe(columns);
    }
    const bare = text.replaceAll(/\\[{}]/g, '');
    expect(bare.split('{').length).toBe(bare.split('}').length);
    for (const line of text.split('\n')) expect(line).not.toMatch(/^[[*]/);
  });

  test('all formats show the same figures', () => {
    const figures = (text: string) => text.match(/\d+\.\d+/g)!.sort();
    const shown = figures(renderers.terminal(report));
    expect(figures(renderers.markdown(report))).toEqual(shown);
    expect(figures(renderers.latex(report).replaceAll('2.5pt', ''))).toEqual(shown);
  });
});

test('a long list goes into several LaTeX tables', () => {
  const methods = Array.from({ length: 30 }, (_, i) => ({ id: `m${i}`, name: `Method ${i}` }));
  const long = buildTable1({
    title: 'Long (reference model)',
    groups: [{ name: '', methods }],
    benchmarks: [{ id: 'mmlu', title: 'MMLU' }],
    average: [],
    baseline: 'm0',
    summary: methods.map(({ id }) => rowOf(id, 'mmlu', 1, 100)),
    paper: [],
  });
  const text = renderers.latex(table1Report(long));
  expect(latexTables(text).map(({ rows }) => rows.length - 2)).toEqual([48, 48, 24]);
  for (const { name } of methods) expect(text.split(`${name} &`)).toHaveLength(2);
});

test('special characters show themselves', () => {
  expect(escapeLatex('\\ { } $ & # % _ ^ ~ < > | " +-5\n%')).toBe(
    "\\textbackslash{} \\{ \\} \\$ \\& \\# \\% \\_ \\textasciicircum{} $\\sim$ \\textless{} \\textgreater{} \\textbar{} '' $\\pm$5 \\%",
  );
  expect(escapeMarkdown('a|b *c* _d_ `e` [f](g) <h> ~i~ &amp; #j $k$ \\')).toBe(
    'a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) \\<h\\> \\~i\\~ \\&amp; \\#j \\$k\\$ \\\\',
  );
  expect(escapeMarkdown('1. not a list')).toBe('1\\. not a list');
  expect(escapeMarkdown('- nor this')).toBe('\\- nor this');
});
