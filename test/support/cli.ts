// Runs the command line as its users do: as a separate process with its own environment.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** The output so far, from both of its streams. */
  said: () => string;
  ended: Promise<Ran>;
}

/**
 * Starts `vnf-migrator <args>` of the build (`npm run build`), or of another build, by its `main`. Settings of the
 * test's own environment do not reach it.
 */
export function startCli(args: readonly string[], env: NodeJS.ProcessEnv, main = MAIN): Running {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...withoutSettings(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (out.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (out.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...out }));
  return { child, said: () => out.stdout + out.stderr, ended };
}

/** Runs the command until it exits. */
export function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  return startCli(args, env).ended;
}

const SETTING =
  /^(TEMPORAL_|AMQP_|REPOSITORY_|GATEKEEPER_|PAYLOAD_|NOTIFY_|CONSOLE_|OTEL_|DEPLOYMENT$|LOG_LEVEL$|HTTP_ADDRESS$)/;

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SETTING.test(name)));
}
