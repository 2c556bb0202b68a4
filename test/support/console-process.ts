/** A console as its users run it: a process of the build, on the loopback interface, that is called over real connections. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newToken } from '../../src/console/access/tokens.js';
import { COMMAND, type LongRun } from './long-run.js';
import type { SupervisedProcess } from '../../src/dev/processes/supervisor.js';

const SERVES_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 120_000;
/** What a console prints when it serves. */
export const SERVES = /^http:\/\/\S+$/m;

/** Settings of a console with a login, and the tokens that let in: each an operator of its own. */
export async function consoleLogin(
  directory: string,
  names: readonly string[] = ['olga'],
): Promise<{ settings: Record<string, string>; tokens: string[] }> {
  const made = names.map((name) => newToken({ name, role: 'operator' }));
  const file = join(directory, 'console-tokens');
  await writeFile(file, `${made.map(({ line }) => line).join('\n')}\n`, { mode: 0o600 });
  const settings = { CONSOLE_TOKENS_FILE: file, CONSOLE_ADDRESS: '0' };
  return { settings, tokens: made.map(({ token }) => token) };
}

/** A console of a long run. Resolves when it serves. */
export async function startConsole(
  run: LongRun,
  env: Record<string, string>,
): Promise<SupervisedProcess & { url: string; logFile: string }> {
  const spawned = await run.spawn('console', { args: [COMMAND, 'console'], env });
  const limit = AbortSignal.timeout(SERVES_WITHIN_MS);
  for (;;) {
    const text = await readFile(spawned.logFile, 'utf8').catch(() => '');
    const [url] = SERVES.exec(text) ?? [];
    if (url !== undefined) return { ...spawned, url };
    if (limit.aborted) throw new Error(`the console does not serve: ${text}`);
    await delay(50);
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Calls a console as another system does. */
export class ConsoleCaller {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  get headers(): Record<string, string> {
    return { authorization: `Bearer ${this.token}` };
  }

  async ask(
    method: Method,
    path: string,
    { body, headers = {} }: { body?: object; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return await fetch(`${this.url}${path.startsWith('/') ? path : `/api/v1/${path}`}`, {
      method,
      headers: {
        ...this.headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** @throws if the answer is no success */
  async get<T>(path: string): Promise<T> {
    return await answerOf(await this.ask('GET', path));
  }

  /** @throws if the answer is no success */
  async send<T>(method: Method, path: string, body?: object): Promise<T> {
    return await answerOf(await this.ask(method, path, body === undefined ? {} : { body }));
  }

  /** Waits until the answer is right. @throws the last answer, if it never is */
  async until<T>(path: string, isRight: (answer: T) => boolean, withinMs = ENDS_WITHIN_MS): Promise<T> {
    const limit = Date.now() + withinMs;
    for (;;) {
      const answer = await this.get<T>(path);
      if (isRight(answer)) return answer;
      if (Date.now() > limit) throw new Error(`${path} is still ${JSON.stringify(answer).slice(0, 2_000)}`);
      await delay(200);
    }
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${text}`);
  return JSON.parse(text === '' ? 'null' : text) as T;
}
