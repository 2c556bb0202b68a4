/** A connection for one errand, such as a command: no recovery, the error says what is wrong. */
import type { ChannelModel } from 'amqplib';
import type { BrokerSettings } from '../config.js';
import { Connection } from './connection.js';
import { classifyLoss } from './loss.js';
import { missingPermission } from './permissions.js';

/** The broker cannot be reached, or refuses us; the message says which, without credentials. */
export class BrokerUnreachable extends Error {
  override readonly name = 'BrokerUnreachable';
}

/** Runs `errand` on a connection of its own. @throws BrokerUnreachable besides what else the errand throws */
export async function openOnce<T>(
  broker: BrokerSettings,
  errand: (connection: ChannelModel) => Promise<T>,
): Promise<T> {
  const connection = await Connection.open({ access: broker }).catch((error: unknown) => {
    const { reason } = classifyLoss(error instanceof Error ? error : new Error(String(error)));
    throw new BrokerUnreachable(`no connection to the broker (AMQP_URL): ${reason}`);
  });
  try {
    return await errand(connection.model);
  } catch (error) {
    if (!(error instanceof Error) || missingPermission(error) === null) throw error;
    throw new BrokerUnreachable(classifyLoss(error).reason, { cause: error });
  } finally {
    await connection.close();
  }
}
