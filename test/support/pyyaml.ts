/** Runs PyYAML at the other end of a pipe, if Python has it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type Loaded = { value: unknown } | { refused: string };

export interface DumpOptions {
  flow: boolean;
  unicode: boolean;
  /** Dumps a list with the value twice: PyYAML then writes an anchor and an alias. */
  twice: boolean;
}

export interface PyYaml {
  load(text: string): Promise<Loaded>;
  dump(value: unknown, options: DumpOptions): Promise<string>;
  close(): Promise<void>;
}

const PYTHON = process.env['PYTHON'] ?? 'python3';

export function hasPyYaml(): boolean {
  return spawnSync(PYTHON, ['-c', 'import yaml']).status === 0;
}

export function startPyYaml(): PyYaml {
  const server = fileURLToPath(new URL('./pyyaml-server.py', import.meta.url));
  const child = spawn(PYTHON, [server], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: unknown): Promise<Record<string, unknown>> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer: IteratorResult<string, unknown> = await answers.next();
    if (answer.done === true) throw new Error('the PyYAML process ended');
    return JSON.parse(answer.value) as Record<string, unknown>;
  };
  return {
    load: async (text) => {
      const answer = await ask({ load: text });
      return 'refused' in answer ? { refused: String(answer['refused']) } : { value: plain(answer['value']) };
    },
    dump: async (value, options) => String((await ask({ dump: value, ...options }))['text']),
    close: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** The value as JSON represents it: keys are strings, and the last of equal keys wins. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  const described = value as { m: [unknown, unknown][] } | { l: unknown[] };
  if ('l' in described) return described.l.map(plain);
  return Object.fromEntries(described.m.map(([key, item]) => [String(key), plain(item)]));
}
