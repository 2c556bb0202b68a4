/** An address that a process of ours listens on. */
import { z } from 'zod';

export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** A port, or a host (IPv6 in brackets) and a port. */
const LISTEN_ADDRESS = /^(?:(\[[0-9a-f:]+\]|[^\s:]+):)?(\d{1,5})$/i;
const MAX_PORT = 65_535;

export const listenAddressSchema = z.string().refine((value) => listenAddress(value).port <= MAX_PORT, {
  error: 'expected a port such as 9464, on the loopback interface, or host:port',
});

/** Of a text that the schema takes; without a host it is the loopback interface. */
export function listenAddress(text: string): ListenAddress {
  const [, host = '127.0.0.1', port = 'Infinity'] = LISTEN_ADDRESS.exec(text) ?? [];
  return Object.freeze({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) });
}
