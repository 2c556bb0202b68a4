/** Where a process gets the list of VIMs: over the bus. */
import { queryVimList } from '../amqp/vim-list-query.js';
import { decodeVimList } from '../mano/vim-list.js';
import type { Config } from '../settings/config.js';
import type { VimListAnswer } from '../shared/vim/answer.js';

const QUERY_TIMEOUT_MS = 20_000;

export function vimListSource(config: Config): (signal?: AbortSignal) => Promise<VimListAnswer> {
  const { amqp: broker, deployment } = config;
  return (signal) =>
    queryVimList({ broker, deployment, timeoutMs: QUERY_TIMEOUT_MS, decode: decodeVimList, signal });
}
