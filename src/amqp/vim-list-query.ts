/**
 * One query for the list of VIMs, over the MANO's bus.
 *
 * Invariants:
 * V1 An answer counts only with the correlation id of this query. The topic carries the requests and answers of every
 *    asker, and our own request comes back on it.
 * V2 A body that cannot be decoded does not end the query: anybody who hears the request can answer it, and the
 *    adaptor's answer may still come. The first list or error counts; a second one changes nothing.
 *    At most `MOST_DECODED` bodies are decoded: a large one holds the process up for a second.
 * V3 The query ends within `timeoutMs` and leaves nothing behind: its queue is exclusive, and goes with its connection.
 * V4 Every listener of the topic can read the request, and its correlation id is none of a migration.
 */
import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { VIM_LIST_TOPIC } from '../mano/topics.js';
import { encodeVimListRequest, type DecodedVimList } from '../mano/vim-list.js';
import type { BrokerSettings } from '../settings/config.js';
import type { VimListAnswer } from '../shared/vim/answer.js';
import { classifyLoss } from './connection-loss.js';
import { openOnce } from './one-off-connection.js';
import { declareExchange, vimListQueue } from './topology.js';

const MOST_DECODED = 5;

export interface VimListQuery {
  broker: BrokerSettings;
  deployment: string;
  /** For the whole query: connecting, sending and waiting. */
  timeoutMs: number;
  decode: (body: Uint8Array) => DecodedVimList | Promise<DecodedVimList>;
  /** Ends the query early, without a list. */
  signal?: AbortSignal | undefined;
}

/** Queries the infrastructure adaptor. Never throws: the reason says what keeps the list away. */
export async function queryVimList(query: VimListQuery): Promise<VimListAnswer> {
  const progress: Progress = { isSent: false, decoded: 0, refusal: null };
  const expiry = new AbortController();
  const expire = (): void => expiry.abort();
  const expired = new Promise<VimListAnswer>((resolve) => {
    expiry.signal.addEventListener('abort', () => resolve(expiredAnswer(query, progress)), { once: true });
  });
  const timer = setTimeout(expire, query.timeoutMs);
  query.signal?.addEventListener('abort', expire, { once: true });
  if (query.signal?.aborted === true) expire();
  try {
    const answered = openOnce(query.broker, (connection) =>
      Promise.race([expired, answerOn(connection, { query, progress })]),
    );
    return await Promise.race([expired, answered]);
  } catch (error) {
    return { kind: 'unavailable', reason: reasonOf(error) };
  } finally {
    clearTimeout(timer);
    query.signal?.removeEventListener('abort', expire);
  }
}

/** As the worker's log reports a lost connection: with the permission that is missing. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? classifyLoss(error).reason : String(error);
}

/** How far a query has come, for the reason if it expires. */
interface Progress {
  isSent: boolean;
  /** How many bodies with our correlation id were decoded. */
  decoded: number;
  /** Why the last body with our correlation id was refused. */
  refusal: string | null;
}

function expiredAnswer({ timeoutMs }: VimListQuery, { isSent, refusal }: Progress): VimListAnswer {
  const within = `within ${String(timeoutMs / 1_000)} s`;
  const reason = !isSent
    ? `no connection to the broker ${within}`
    : refusal === null
      ? `no infrastructure adaptor answered ${within}`
      : `no infrastructure adaptor answered ${within}; another answer was refused: ${refusal}`;
  return { kind: 'unavailable', reason };
}

interface Asked {
  query: VimListQuery;
  progress: Progress;
}

async function answerOn(connection: ChannelModel, { query, progress }: Asked): Promise<VimListAnswer> {
  const { exchange, appId } = query.broker;
  const { deployment } = query;
  const channel = await connection.createChannel();
  const closed = closeOf(channel);
  await declareExchange(channel, { exchange, deployment });
  const correlationId = randomUUID();
  const { queue } = await channel.assertQueue(vimListQueue({ deployment, queryId: correlationId }), {
    exclusive: true,
    autoDelete: true,
    durable: false,
  });
  await channel.bindQueue(queue, exchange, VIM_LIST_TOPIC);
  const answer = firstAnswer(channel, { queue, correlationId, query, progress });
  channel.publish(exchange, VIM_LIST_TOPIC, encodeVimListRequest(), {
    appId,
    correlationId,
    replyTo: VIM_LIST_TOPIC,
    contentType: 'text/yaml',
    expiration: query.timeoutMs,
  });
  progress.isSent = true;
  return await Promise.race([answer, closed]);
}

/** Rejects when the broker closes the channel, such as for a missing permission. */
function closeOf(channel: Channel): Promise<never> {
  const closed = new Promise<never>((_, reject) => {
    channel.on('error', reject);
    channel.on('close', () => reject(new Error('the broker closed the channel')));
  });
  // It closes after the answer, too, when nobody waits for it.
  closed.catch(() => undefined);
  return closed;
}

interface Awaited extends Asked {
  queue: string;
  correlationId: string;
}

function firstAnswer(
  channel: Channel,
  { queue, correlationId, query, progress }: Awaited,
): Promise<VimListAnswer> {
  return new Promise((resolve, reject) => {
    const read = async (message: ConsumeMessage | null): Promise<void> => {
      if (message?.properties.correlationId !== correlationId) return;
      // Our own request, which the topic brings back.
      if (message.properties.appId === query.broker.appId) return;
      if (progress.decoded >= MOST_DECODED) return;
      progress.decoded += 1;
      const decoded = await query.decode(message.content);
      switch (decoded.kind) {
        case 'list':
          resolve({ kind: 'listed', vims: decoded.vims });
          return;
        case 'error':
          resolve({ kind: 'unavailable', reason: decoded.reason });
          return;
        case 'refused':
          progress.refusal = decoded.reason;
      }
    };
    // Nothing is to be given back: whoever needs the list asks again.
    channel.consume(queue, (message) => void read(message).catch(reject), { noAck: true }).catch(reject);
  });
}
