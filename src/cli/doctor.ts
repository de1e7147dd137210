import { defineCommand } from './command.js';
import type { Finding } from './doctor-finding.js';
import { styled, textWidth, wrapText } from './style.js';

const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export const command = defineCommand({
  command: 'doctor',
  describe: 'Check that this machine and this installation can run everything',
  builder: (yargs) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
      .example('repro doctor', 'one line a check; exit code 1 if one fails'),
  handler: async ({ json }) => {
    const { checks, runCheck } = await import('./doctor-checks.js');
    const findings: ({ readonly check: string } & Finding)[] = [];
    for (const check of checks) {
      const finding = { check: check.name, ...(await runCheck(check)) };
      findings.push(finding);
      if (!json) process.stdout.write(`${render(finding)}\n`);
    }
    if (json) process.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`);
    return findings.some(({ status }) => status === 'fail') ? 1 : 0;
  },
});

function render(finding: { readonly check: string } & Finding): string {
  const { check, status, detail } = finding;
  const label = styled(colours[status], status.padEnd(4), process.stdout);
  const text = status === 'ok' ? detail : `${detail} -> ${finding.advice}`;
  const indent = ' '.repeat(17);
  const lines = text.split('\n').map((line) => wrapText(line, textWidth(process.stdout) - 17, indent));
  return `${label} ${check.padEnd(11)} ${lines.join(`\n${indent}`)}`;
}
