/** Connections to Temporal from the settings, for clients. */
import { Client, Connection, ServiceError, type WorkflowClientInterceptor } from '@temporalio/client';
import { clientConverter } from '../codec/data-converter.js';
import type { Config } from '../settings/config.js';
import { retriesUntilClosed } from './closed-connection.js';
import { TemporalUnreachableError } from './errors.js';
import { temporalProblem } from './connection-errors.js';

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
const ASK_WHY_TIMEOUT_MS = 3_000;

/**
 * Connects, or says within eight seconds that it cannot.
 * @throws TemporalUnreachableError
 */
export async function connectClient(config: Config): Promise<ConnectedClient> {
  const connection = Connection.lazy({ ...connectionOptions(config), interceptors: retriesUntilClosed() });
  try {
    await connection.ensureConnected();
  } catch (error) {
    // Left open, it would go on trying.
    await connection.close();
    const why = error instanceof ServiceError ? error : ((await whyUnreachable(config)) ?? error);
    throw new TemporalUnreachableError(temporalProblem(why), { cause: error });
  }
  return clientOn(connection, { config, interceptors: await clientInterceptors(config) });
}

/** The trace of a caller goes on in what its client starts. Empty where the settings ask for no traces. */
export async function clientInterceptors({ traces }: Config): Promise<WorkflowClientInterceptor[]> {
  if (traces === null) return [];
  return (await import('../tracing/otel/client-interceptors.js')).clientInterceptors();
}

/** The SDK waits in silence; a call that does not wait gets the reason. */
async function whyUnreachable(config: Config): Promise<unknown> {
  const { connection, workflowService } = lazyClient(config);
  try {
    const call = (): Promise<unknown> => workflowService.getSystemInfo({});
    await connection.withDeadline(Date.now() + ASK_WHY_TIMEOUT_MS, call);
    return null;
  } catch (error) {
    return error;
  } finally {
    await connection.close();
  }
}

/**
 * A client that connects when it is first used, and again whenever it must. A call that fails is tried again by whoever
 * made it: the SDK's own tries, whose pauses grow, would keep a reply for seconds after Temporal is back.
 */
export function lazyClient(config: Config, interceptors: WorkflowClientInterceptor[] = []): ConnectedClient {
  const connection = Connection.lazy({ ...connectionOptions(config), interceptors: [] });
  return clientOn(connection, { config, interceptors });
}

function connectionOptions({ temporal }: Config) {
  return { ...temporal.connectionOptions, channelArgs: RECONNECT, connectTimeout: CONNECT_TIMEOUT_MS };
}

function clientOn(
  connection: Connection,
  { config, interceptors }: { config: Config; interceptors: WorkflowClientInterceptor[] },
): ConnectedClient {
  const { namespace } = config.temporal;
  const dataConverter = clientConverter(config.payloads.keys);
  const options = { connection, namespace, dataConverter, interceptors: { workflow: interceptors } };
  return Object.assign(new Client(options), { connection });
}
