import { UsageError } from '../errors.js';
import type { PythonBackend, PythonChoice } from './backend.js';
import { bubblewrapBackend, systemBackend } from './native.js';
import { pyodideBackend } from './run.js';

/** The backend of the word. @throws UsageError `PYTHON_BACKEND` where this machine does not have it */
export async function openPythonBackend(choice: PythonChoice): Promise<PythonBackend> {
  if (choice === 'sandbox') return pyodideBackend();
  try {
    return await (choice === 'bubblewrap' ? bubblewrapBackend() : systemBackend());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError('PYTHON_BACKEND', `--python ${choice}: ${reason}; use --python sandbox.`);
  }
}
