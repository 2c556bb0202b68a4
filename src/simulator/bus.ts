/**
 * A simulated peer on RabbitMQ: its queue, bound to one topic, and what it publishes.
 *
 * Invariants: messages are acknowledged on delivery, so that a message that was consumed and not handled is lost
 * with the process. After a lost connection a peer stays deaf, as the real MANO does, unless `isReconnecting` is
 * set.
 */
import { connect, type Channel, type ChannelModel, type ConsumeMessage, type Options } from 'amqplib';
import type { BrokerFiles } from '../settings/broker-tls-and-credentials.js';
import { connectArguments } from '../amqp/connect-options.js';
import { brokerUrls, type BrokerUrls } from '../settings/broker-urls.js';
import { EXCHANGE_OPTIONS, EXCHANGE_TYPE } from '../mano/topics.js';
import type { IncomingMessage } from './messages.js';

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_DELAY_MS = 250;
const CLOSE_TIMEOUT_MS = 2_000;
/**
 * The heartbeat that the real peers accept from the broker. With it, a process that is suspended for a while keeps
 * its connection.
 */
const HEARTBEAT_SECONDS = 60;

export interface BusOptions {
  /** One URL or several nodes, in the format of AMQP_URL. */
  amqpUrl: string;
  /** Certificates and password, if they are in files. */
  amqpFiles?: BrokerFiles | undefined;
  exchange: string;
  topic: string;
  /** Asked at each connection. */
  queue: () => { name: string; options: Options.AssertQueue };
  /** Whether the peer reconnects on its own after a lost connection. */
  isReconnecting: boolean;
  onMessage: (message: IncomingMessage) => void;
}

interface Session {
  model: ChannelModel;
  channel: Channel;
}

export class Bus {
  readonly #options: BusOptions;
  readonly #urls: BrokerUrls;
  #turn = 0;
  #session: Session | undefined;
  #connecting: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: BusOptions) {
    this.#options = options;
    this.#urls = brokerUrls(options.amqpUrl);
  }

  isConnected(): boolean {
    return this.#session !== undefined;
  }

  /** Resolves when the peer consumes. Two simultaneous calls share one connection, because a MANO has one queue. */
  connect(): Promise<void> {
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** Without a connection the message is lost. */
  publish(message: { topic: string; properties: Options.Publish; body: string }): void {
    this.#session?.channel.publish(
      this.#options.exchange,
      message.topic,
      Buffer.from(message.body),
      message.properties,
    );
  }

  /** Closes the connection, and with it the queue. The peer does not reconnect on its own. */
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
    const model = await this.#dial();
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

  /** Connects to the node after the last one used, or to the next one that is reachable. */
  async #dial(): Promise<ChannelModel> {
    for (let tries = 1; ; tries += 1) {
      const url = this.#urls[this.#turn % this.#urls.length] ?? this.#urls[0];
      this.#turn += 1;
      try {
        return await this.#connectTo(url);
      } catch (error) {
        if (tries === this.#urls.length) throw error;
      }
    }
  }

  #connectTo(url: string): Promise<ChannelModel> {
    const [options, socketOptions] = connectArguments({ url, files: this.#options.amqpFiles });
    return connect(
      { ...options, heartbeat: HEARTBEAT_SECONDS },
      { ...socketOptions, timeout: CONNECT_TIMEOUT_MS, noDelay: true },
    );
  }

  async #listen(model: ChannelModel, lost: () => void): Promise<Channel> {
    const { exchange, topic, onMessage } = this.#options;
    const channel = await model.createChannel();
    channel.on('error', lost);
    channel.on('close', lost);
    await channel.assertExchange(exchange, EXCHANGE_TYPE, EXCHANGE_OPTIONS);
    const { name, options } = this.#options.queue();
    const { queue } = await channel.assertQueue(name, options);
    await channel.bindQueue(queue, exchange, topic);
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

/** A broker that does not answer must not block the close. */
async function closeQuietly(model: ChannelModel): Promise<void> {
  const timeout = new Promise<void>((resolve) => {
    setTimeout(resolve, CLOSE_TIMEOUT_MS).unref();
  });
  await Promise.race([model.close().catch(() => undefined), timeout]);
}
