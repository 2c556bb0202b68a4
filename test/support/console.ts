/** A console of a test, in its own process: requests reach it without a socket, and nothing of it is mocked. */
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { lazyClient, type ConnectedClient } from '../../src/client/connect.js';
import { newToken, parseTokens, type TokenHolder } from '../../src/console/access/tokens.js';
import type { Api } from '../../src/console/api/app.js';
import { contextOf } from '../../src/console/context.js';
import { createServer } from '../../src/console/server.js';
import { createLogger, type Logger } from '../../src/observability/logger.js';
import { loadConfig } from '../../src/settings/config.js';

export interface ConsoleOptions {
  /** False: no login. */
  withTokens?: boolean;
  log?: Logger;
  pagesDirectory?: string | null;
}

export class TestConsole {
  private constructor(
    readonly app: Api,
    private readonly client: ConnectedClient,
    readonly tokens: { operator: string; viewer: string },
    /** Whom tokens stand for; a test takes one away. */
    readonly holders: TokenHolder[],
  ) {}

  static async on(
    environment: NodeJS.ProcessEnv,
    {
      withTokens = true,
      log = createLogger({ level: 'silent' }),
      pagesDirectory = null,
    }: ConsoleOptions = {},
  ): Promise<TestConsole> {
    const config = loadConfig(environment);
    const client = lazyClient(config);
    const made = [
      newToken({ name: 'olga', role: 'operator' }),
      newToken({ name: 'victor', role: 'viewer' }),
    ] as const;
    const parsed = parseTokens(made.map(({ line }) => line).join('\n'));
    if (parsed.kind === 'wrong') throw new Error(parsed.problems.join('; '));
    const holders = [...parsed.holders];
    const tokens = withTokens ? () => holders : null;
    const context = contextOf({ config, client, tokens, log, version: '0.0.0-test' });
    const app = await createServer({ context, pagesDirectory });
    return new TestConsole(app, client, { operator: made[0].token, viewer: made[1].token }, holders);
  }

  /** As an operator, unless the headers say otherwise. */
  async ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    {
      body,
      headers = {},
      ...more
    }: InjectOptions & { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<LightMyRequestResponse> {
    return await this.app.inject({
      ...{ method, url: url.startsWith('/') ? url : `/api/v1/${url}` },
      headers: { host: '127.0.0.1:8088', authorization: `Bearer ${this.tokens.operator}`, ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
      ...more,
    });
  }

  /** @throws if the answer is another */
  async get<T>(url: string, status = 200): Promise<T> {
    return parsed(await this.ask('GET', url), status) as T;
  }

  async post<T>(url: string, body: object, status = 200): Promise<T> {
    return parsed(await this.ask('POST', url, { body }), status) as T;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.client.connection.close();
  }
}

function parsed(response: LightMyRequestResponse, status: number): unknown {
  if (response.statusCode !== status)
    throw new Error(`${response.statusCode} instead of ${status}: ${response.body}`);
  return response.json();
}
