/** A connection for one errand, such as a command: no recovery, the error says what is wrong. */
import { connect, type ChannelModel } from 'amqplib';
import type { BrokerSettings } from '../config.js';
import { connectOptions } from './connect-options.js';
import { classifyLoss } from './loss.js';

const CONNECT_TIMEOUT_MS = 5_000;

/** The broker cannot be reached, or refuses us; the message says which, without credentials. */
export class BrokerUnreachable extends Error {
  override readonly name = 'BrokerUnreachable';
}

/** Runs `errand` on a connection of its own. @throws BrokerUnreachable besides what the errand throws */
export async function openOnce<T>(
  broker: BrokerSettings,
  errand: (connection: ChannelModel) => Promise<T>,
): Promise<T> {
  const connection = await connect(connectOptions(broker.url), { timeout: CONNECT_TIMEOUT_MS }).catch(
    (error: unknown) => {
      const { reason } = classifyLoss(error instanceof Error ? error : new Error(String(error)));
      throw new BrokerUnreachable(`no connection to the broker (AMQP_URL): ${reason}`);
    },
  );
  connection.on('error', () => undefined);
  try {
    return await errand(connection);
  } finally {
    await connection.close().catch(() => undefined);
  }
}
