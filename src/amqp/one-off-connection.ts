/** A connection for one piece of work, such as a command. It is not recovered; the error says what is wrong. */
import type { ChannelModel } from 'amqplib';
import type { BrokerSettings } from '../settings/config.js';
import type { BrokerAccess } from '../settings/broker-tls-and-credentials.js';
import { nodeOf } from '../settings/broker-urls.js';
import { Connection } from './connection.js';
import { classifyLoss } from './connection-loss.js';
import { missingPermission } from './permissions.js';

/** The broker cannot be reached, or refuses us; the message says which, without credentials. */
export class BrokerUnreachable extends Error {
  override readonly name = 'BrokerUnreachable';
}

/** Runs `work` on a connection of its own. @throws BrokerUnreachable , and whatever `work` throws */
export async function openOnce<T>(
  broker: BrokerSettings,
  work: (connection: ChannelModel) => Promise<T>,
): Promise<T> {
  const connection = await openAny(broker);
  try {
    return await work(connection.model);
  } catch (error) {
    if (!(error instanceof Error) || missingPermission(error) === null) throw error;
    throw new BrokerUnreachable(classifyLoss(error).reason, { cause: error });
  } finally {
    await connection.close();
  }
}

/** To the first node that takes it. */
async function openAny({ urls, files }: BrokerAccess): Promise<Connection> {
  const reasons: string[] = [];
  for (const url of urls) {
    try {
      return await Connection.open({ access: { url, files } });
    } catch (error) {
      const { reason } = classifyLoss(error instanceof Error ? error : new Error(String(error)));
      reasons.push(urls.length === 1 ? reason : `${nodeOf(url)}: ${reason}`);
    }
  }
  throw new BrokerUnreachable(`no connection to the broker (AMQP_URL): ${reasons.join('; ')}`);
}
