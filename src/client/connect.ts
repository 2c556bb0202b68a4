/** Connections to Temporal from the settings, for clients. */
import { Client, Connection } from '@temporalio/client';
import { clientConverter } from '../codec/data-converter.js';
import type { Config } from '../config.js';

/** A client that knows its connection whole: the operator's part too, and how to close it. */
export type ConnectedClient = Client & { readonly connection: Connection };

/**
 * gRPC's own reconnect backoff grows to two minutes, and a reply would be held as long after Temporal is back.
 */
const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
};
const CONNECT_TIMEOUT_MS = 5_000;

/** Connects, or says within five seconds that it cannot. */
export async function connectClient(config: Config): Promise<ConnectedClient> {
  return clientOn(await Connection.connect(connectionOptions(config)), config);
}

/**
 * A client that connects when it is first used, and again whenever it must. A call that fails is tried again by whoever
 * made it: the SDK's own tries, whose pauses grow, would keep a reply for seconds after Temporal is back.
 */
export function lazyClient(config: Config): ConnectedClient {
  return clientOn(Connection.lazy({ ...connectionOptions(config), interceptors: [] }), config);
}

function connectionOptions({ temporal }: Config) {
  return { ...temporal.connectionOptions, channelArgs: RECONNECT, connectTimeout: CONNECT_TIMEOUT_MS };
}

function clientOn(connection: Connection, { temporal, payloads }: Config): ConnectedClient {
  const { namespace } = temporal;
  const dataConverter = clientConverter(payloads.keys);
  return Object.assign(new Client({ connection, namespace, dataConverter }), { connection });
}
