/**
 * Which nodes of the broker accept a connection now. A session is on one of them: that another one is away is not seen by it.
 *
 * Invariant: nothing is written. A broker takes a connection that is closed without a word for a check of its port.
 */
import { createConnection } from 'node:net';

const ACCEPTS_WITHIN_MS = 2_000;
const DEFAULT_PORTS: Record<string, number> = { 'amqp:': 5672, 'amqps:': 5671 };

export interface ReachableNodes {
  reachable: number;
  away: number;
}

export async function reachableNodes(urls: readonly string[]): Promise<ReachableNodes> {
  const accepted = await Promise.all(urls.map(accepts));
  const reachable = accepted.filter(Boolean).length;
  return { reachable, away: urls.length - reachable };
}

function accepts(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  // An address of IPv6 is in brackets in a URL.
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = createConnection({ host, port: Number(port) || (DEFAULT_PORTS[protocol] ?? 5672) });
    const settle = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(ACCEPTS_WITHIN_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
