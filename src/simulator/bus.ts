/**
 * The simulated MANO on RabbitMQ: its queue, and its replies.
 *
 * Invariants: the queue is made anew at each connection and dies with it, so that a request sent while nobody
 * listens is lost; messages are acknowledged on delivery, so that what was taken and not handled dies with the
 * process; after a lost connection it stays deaf, as the real one does, unless told to reconnect.
 */
import { randomUUID } from 'node:crypto';
import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { EXCHANGE_OPTIONS, EXCHANGE_TYPE, MIGRATE_TOPIC, SLM_APP_ID } from '../mano/topics.js';
import type { IncomingMessage, OutgoingMessage } from './wire.js';

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_DELAY_MS = 250;
const CLOSE_TIMEOUT_MS = 2_000;

export interface BusOptions {
  amqpUrl: string;
  exchange: string;
  /** Connect again by itself after a lost connection. */
  isReconnecting: boolean;
  onMessage: (message: IncomingMessage) => void;
}

interface Session {
  model: ChannelModel;
  channel: Channel;
}

export class Bus {
  readonly #options: BusOptions;
  #session: Session | undefined;
  #connecting: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  isConnected(): boolean {
    return this.#session !== undefined;
  }

  /** Resolves once it listens. Two at a time are one: a MANO has one queue. */
  connect(): Promise<void> {
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  publish(message: OutgoingMessage): void {
    this.#session?.channel.publish(
      this.#options.exchange,
      message.topic,
      Buffer.from(message.body),
      message.properties,
    );
  }

  /** Drops the connection and its queue. It does not come back by itself. */
  async disconnect(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) await closeQuietly(session.model);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.disconnect();
  }

  async #open(): Promise<void> {
    const model = await connect(this.#options.amqpUrl, { timeout: CONNECT_TIMEOUT_MS, noDelay: true });
    const lost = (): void => this.#lost(model);
    model.on('error', lost);
    model.on('close', lost);
    try {
      const channel = await this.#listen(model, lost);
      this.#session = { model, channel };
    } catch (error) {
      await closeQuietly(model);
      throw error;
    }
    if (this.#isClosed) await this.disconnect();
  }

  async #listen(model: ChannelModel, lost: () => void): Promise<Channel> {
    const { exchange, onMessage } = this.#options;
    const channel = await model.createChannel();
    channel.on('error', lost);
    channel.on('close', lost);
    await channel.assertExchange(exchange, EXCHANGE_TYPE, EXCHANGE_OPTIONS);
    const name = `${SLM_APP_ID}.${MIGRATE_TOPIC}.${randomUUID()}`;
    const { queue } = await channel.assertQueue(name, { durable: false, exclusive: true, autoDelete: true });
    await channel.bindQueue(queue, exchange, MIGRATE_TOPIC);
    await channel.consume(queue, (delivery) => (delivery === null ? lost() : onMessage(received(delivery))), {
      noAck: true,
    });
    return channel;
  }

  #lost(model: ChannelModel): void {
    if (this.#session?.model !== model) return;
    this.#session = undefined;
    void closeQuietly(model);
    if (this.#options.isReconnecting) this.#reconnectSoon();
  }

  #reconnectSoon(): void {
    setTimeout(() => {
      if (this.#isClosed || this.isConnected()) return;
      this.connect().catch(() => this.#reconnectSoon());
    }, RECONNECT_DELAY_MS);
  }
}

function received({ fields, properties, content }: ConsumeMessage): IncomingMessage {
  return {
    routingKey: fields.routingKey,
    appId: textOrAbsent(properties.appId),
    correlationId: textOrAbsent(properties.correlationId),
    replyTo: textOrAbsent(properties.replyTo),
    body: content,
  };
}

function textOrAbsent(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A broker that does not answer must not hold up who wants to leave. */
async function closeQuietly(model: ChannelModel): Promise<void> {
  const timeout = new Promise<void>((resolve) => {
    setTimeout(resolve, CLOSE_TIMEOUT_MS).unref();
  });
  await Promise.race([model.close().catch(() => undefined), timeout]);
}
