/** The process of the console: settings → connection → server, until it is signalled. */
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { clientInterceptors, lazyClient } from '../client/connect.js';
import type { Logger } from '../observability/logger.js';
import type { Config } from '../settings/config.js';
import { TokensFile } from './access/tokens-file.js';
import { contextOf } from './context.js';
import { createServer } from './server.js';

export interface ConsoleOptions {
  config: Config;
  log: Logger;
  /** Of this package. */
  version: string;
}

export interface RunningConsole {
  /** Where pages and API are, such as `http://127.0.0.1:8088`. */
  url: string;
  stop: () => Promise<void>;
}

/** Where the build puts the pages; the same from the sources and from what is compiled. */
const PAGES = fileURLToPath(new URL('../../dist/console/pages/', import.meta.url));

/**
 * Serves. Temporal need not answer yet: pages and API say so until it does.
 * @throws ConfigError if the tokens file is wrong; what Node says if the address cannot be listened on
 */
export async function startConsole({ config, log, version }: ConsoleOptions): Promise<RunningConsole> {
  const { tokensFile, address, proxy } = config.console;
  const file = tokensFile === null ? null : new TokensFile(tokensFile, log);
  const client = lazyClient(config, await clientInterceptors(config));
  const tokens = file === null ? null : () => file.holders();
  const context = contextOf({ config, client, tokens, log, version });
  const server = await createServer({ context, pagesDirectory: existsSync(PAGES) ? PAGES : null });
  try {
    // A copy: Fastify writes into it.
    await server.listen({ ...address });
  } catch (error) {
    await client.connection.close();
    throw error;
  }
  const url = urlOf(server.server.address() as AddressInfo);
  if (tokens === null && proxy === null)
    log.warn('whoever reaches this machine may read, and nobody may give orders: set CONSOLE_TOKENS_FILE');
  log.info({ url, login: [tokens && 'tokens', proxy && 'proxy'].filter(Boolean) }, 'serves the console');
  const stop = async (): Promise<void> => {
    await server.close();
    await client.connection.close();
  };
  return { url, stop };
}

function urlOf({ address, port, family }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
