import { defineCommand } from './command.js';

export const command = defineCommand({
  command: 'explain [method]',
  describe: 'What a method does, its settings, and where paper and released code differ',
  builder: (yargs) =>
    yargs
      .positional('method', {
        type: 'string',
        describe: 'Id of a method, or id@preset; without it, all methods are listed',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
      .example('repro explain dynamic-dllm', 'settings as --set takes them, with defaults and sources')
      .example('repro explain dllm-cache@llada-instruct-gsm8k', 'the settings of a preset'),
  handler: async ({ method, json }) => {
    const { explanationOf, listedMethods } = await import('./explain-facts.js');
    const { renderExplanation, renderList } = await import('./explain-text.js');
    const print = <T>(facts: T, render: (facts: T) => string) =>
      process.stdout.write(`${json ? JSON.stringify(facts, null, 2) : render(facts)}\n`);
    if (method === undefined) print(listedMethods(), renderList);
    else print(explanationOf(method), renderExplanation);
  },
});
