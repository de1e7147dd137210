import type { Argv } from 'yargs';
import { type PythonBackend, type PythonChoice, pythonChoices } from '../sandbox/backend.js';

/** `--python` of every command that scores programs. */
export function pythonFlag<T>(yargs: Argv<T>) {
  return yargs.option('python', {
    type: 'string',
    requiresArg: true,
    default: 'sandbox' as PythonChoice,
    choices: pythonChoices,
    describe:
      'What runs model-written programs: the WebAssembly sandbox, bubblewrap, or the bare system (unsafe)',
  });
}

/**
 * The backend of the flag; a line on stderr warns of the one that isolates nothing.
 * @throws UsageError `PYTHON_BACKEND` if this machine does not have it.
 */
export async function resolvePython(choice: PythonChoice): Promise<PythonBackend> {
  const { openPythonBackend } = await import('../sandbox/open.js');
  const backend = await openPythonBackend(choice);
  if (choice === 'system') {
    process.stderr.write(
      'repro: warning: --python system runs model-written programs with your rights, files and network; use it only on a machine that you can lose.\n',
    );
  }
  return backend;
}
