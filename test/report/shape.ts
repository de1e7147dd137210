/** The table lines of Markdown, each as its cells; an escaped bar ends none. */
export function markdownTables(text: string): string[][][] {
  const tables: string[][][] = [];
  let previous = false;
  for (const line of text.split('\n')) {
    const isRow = line.startsWith('|');
    if (isRow) {
      if (!previous) tables.push([]);
      tables.at(-1)!.push(line.split(/(?<!\\)\|/).slice(1, -1));
    }
    previous = isRow;
  }
  return tables;
}

/** For each tabular its number of columns, and the columns that each of its rows fills. */
export function latexTables(text: string): { columns: number; rows: number[] }[] {
  return [...text.matchAll(/\\begin\{tabular\}\{@\{\}([lr]+)@\{\}\}\n([\s\S]*?)\\end\{tabular\}/g)].map(
    ([, letters, body]) => ({
      columns: letters!.length,
      rows: body!
        .split('\n')
        .filter((line) => line.endsWith('\\\\'))
        .map((line) => {
          const spanned = [...line.matchAll(/\\multicolumn\{(\d+)\}/g)].map(([, count]) => Number(count) - 1);
          const cells = line.split(/(?<!\\)&/).length;
          return spanned.reduce((total, extra) => total + extra, cells);
        }),
    }),
  );
}
