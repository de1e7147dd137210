import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { repro } from './run.js';

describe('the overview', () => {
  test('--help lists every command and shows an example', async () => {
    const { stdout, stderr, code } = await repro(['--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const { usage, summary } of commands.values()) {
      expect(stdout).toContain(`repro ${usage}`);
      expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
    }
    expect(stdout).toContain('Examples:');
  });

  test('no word at all shows the same on stderr and exits with 2', async () => {
    const [help, nothing] = await Promise.all([repro(['--help']), repro([])]);
    expect(nothing).toEqual({ stdout: '', stderr: help.stdout, code: 2 });
  });

  test('--version prints the version alone', async () => {
    const { stdout, code } = await repro(['--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(code).toBe(0);
  });

  test('says of each command what the command says of itself', async () => {
    for (const [name, { usage, summary, load }] of commands) {
      const { command } = await load();
      expect([name, command.command, command.describe]).toEqual([name, usage, summary]);
    }
  });
});

test.each([...commands.keys()])('%s --help shows its flags and an example', async (name) => {
  const { stdout, code } = await repro([name, '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain(`repro ${name}`);
  expect(stdout).toContain('Options:');
  expect(stdout).toMatch(/Examples?:/);
});

describe('what cannot be meant is one sentence on stderr and exit code 2', () => {
  test.each([
    [['genrate'], 'there is no command "genrate". Did you mean "generate"? Commands: '],
    [['--json', 'explain'], 'there is no flag --json. (repro <command> [flags]: the command comes first.)'],
    [['explain', '--jsn'], 'there is no flag --jsn. Did you mean "--json"? (repro explain --help'],
    [['explain', 'apd', 'vanilla'], 'there is no use for "vanilla" here; quote text that has blanks.'],
    [['explain', 'quux'], 'there is no method "quux". Methods: apd, '],
    [['explain', 'adp'], 'there is no method "adp". Did you mean "apd"?'],
    [['generate', '--gen-lenght', '64'], 'there is no flag --gen-lenght. Did you mean "--gen-length"?'],
    [
      ['generate', '--prompt'],
      '--prompt needs a value; write --prompt=VALUE for one that begins with a dash.',
    ],
    [['generate', '--prompt', 'a', '--prompt', 'b'], '--prompt is given 2 times; give it once.'],
    [['generate', '--json=maybe', '--prompt', 'a'], '--json takes no value: it is on when it is there.'],
    [['generate', '--prompt', 'a', '--set', 'x'], '--set x: write path=value, for example'],
    [['generate', '--prompt', 'a', '--method', 'fast-dllm-paralel'], 'Did you mean "fast-dllm-parallel"?'],
  ])('repro %j', async (args, message) => {
    const { stdout, stderr, code } = await repro(args);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^repro: .*\n$/);
  });
});

describe('output that is no terminal', () => {
  test('has no colours, and none with NO_COLOR either', async () => {
    for (const env of [{}, { NO_COLOR: '1' }, { TERM: 'xterm-256color' }]) {
      const { stdout } = await repro(['explain', 'dynamic-dllm'], { env });
      expect(stdout.includes('\u001b')).toBe(false);
    }
  });

  test('may be closed early by its reader', async () => {
    const { stderr, code } = await repro(['explain', 'dynamic-dllm', '--json'], {
      onStart: (child) => child.stdout?.destroy(),
    });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });
});
