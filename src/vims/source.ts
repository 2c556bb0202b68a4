/** Where a process gets the list of VIMs: over the bus, or through the Gatekeeper where there is no bus. */
import { queryVimList } from '../amqp/vim-list-query.js';
import { createGatekeeperClient } from '../gatekeeper/client.js';
import { decodeVimList } from '../mano/vim-list.js';
import type { Config } from '../settings/config.js';
import type { VimListAnswer } from '../shared/vim/answer.js';

/** The adaptor answers within 15 s, with what it has by then. */
const QUERY_TIMEOUT_MS = 20_000;

/** One query; never rejects. The signal ends it early. */
export type VimListSource = (signal?: AbortSignal) => Promise<VimListAnswer>;

export function vimListSource({ amqp: broker, deployment, hasBus, gatekeeper }: Config): VimListSource {
  if (hasBus || gatekeeper === null) {
    return (signal) =>
      queryVimList({ broker, deployment, timeoutMs: QUERY_TIMEOUT_MS, decode: decodeVimList, signal });
  }
  const client = createGatekeeperClient({ baseUrl: gatekeeper.url, requestTimeoutMs: QUERY_TIMEOUT_MS });
  return (signal) => client.listVims(signal);
}
