/** Runs another program to its end. */
import { execFile, type ExecFileException } from 'node:child_process';

const MOST_BYTES = 64 * 1024 * 1024;

export interface CommandOptions {
  cwd: string;
  timeoutMs: number;
  env?: NodeJS.ProcessEnv;
}

export interface Ended {
  code: number | string | null;
  stdout: string;
  stderr: string;
}

export function ended([command = '', ...args]: readonly string[], options: CommandOptions): Promise<Ended> {
  const { cwd, timeoutMs, env = process.env } = options;
  return new Promise((resolve) => {
    const settings = { cwd, env, timeout: timeoutMs, maxBuffer: MOST_BYTES };
    execFile(command, args, settings, (error: ExecFileException | null, stdout, stderr) => {
      const code = error === null ? 0 : (error.code ?? error.signal ?? null);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Its standard output. Any other exit code than 0 is an error, with the end of what it wrote. */
export async function outputOf(command: readonly string[], options: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await ended(command, options);
  if (code !== 0)
    throw new Error(`${command.join(' ')} ended with ${String(code)}:\n${(stdout + stderr).slice(-4_000)}`);
  return stdout;
}
