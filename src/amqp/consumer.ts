/**
 * Consumes the reply queue.
 *
 * Invariants:
 * C1 A handler says what becomes of a delivery and never touches the channel.
 * C2 A delivery is settled on the channel that it came on, or not at all: after a loss the broker gives it
 *    out again by itself.
 * C3 Never silently deaf: a cancelled consumer ends the session, and bindings are declared anew again and
 *    again, because an exchange that was deleted and made anew leaves a consumer deaf without any event.
 * C4 At most `prefetch` deliveries are held.
 */
import type { ConfirmChannel, Channel, ConsumeMessage, Options } from 'amqplib';
import type { BrokerSettings } from '../config.js';
import type { Logger } from '../log.js';
import { Session, type Link, type SessionStatus } from './session.js';
import {
  bindReplies,
  declareExchange,
  declareQueues,
  parkedQueue,
  repliesQueue,
  type Topology,
} from './topology.js';

export interface Delivery {
  body: Buffer;
  /** Empty if it carries none. */
  correlationId: string;
  appId: string;
  topic: string;
  receivedAt: Date;
  /** Aborted when the session that it came on is over: settling it is then the broker's affair. */
  signal: AbortSignal;
}

/** What becomes of a delivery: done with, or given back to be delivered again. */
export type Settlement = 'ack' | 'requeue';

/** Keeps a message for a person. Rejects if the broker did not confirm it. */
export type Park = (message: { body: Buffer; properties: Options.Publish }) => Promise<void>;

export type DeliveryHandler = (delivery: Delivery, park: Park) => Promise<Settlement>;

export interface ConsumerOptions {
  broker: BrokerSettings;
  deployment: string;
  prefetch: number;
  handler: DeliveryHandler;
  log: Logger;
}

const REBIND_INTERVAL_MS = 30_000;

export class Consumer {
  private readonly session: Session<Subscription>;
  private readonly topology: Topology;
  private readonly inFlight = new Set<Promise<void>>();

  constructor(private readonly options: ConsumerOptions) {
    this.topology = { exchange: options.broker.exchange, deployment: options.deployment };
    this.session = new Session({
      name: 'vnf-migrator listener',
      url: options.broker.url,
      setUp: (link) => this.setUp(link),
      log: options.log,
    });
  }

  start(): void {
    this.session.start();
  }

  status(): SessionStatus {
    return this.session.status();
  }

  /** Deliveries held and not yet settled. */
  held(): number {
    return this.inFlight.size;
  }

  /** Resolves once it consumes. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.session.ready(signal);
  }

  /** Takes no more deliveries, lets those under way end for a while, then closes. */
  async stop({ graceMs }: { graceMs: number }): Promise<void> {
    const subscription = this.session.current();
    await subscription?.channel.cancel(subscription.consumerTag).catch(() => undefined);
    const grace = AbortSignal.timeout(graceMs);
    const expired = new Promise((resolve) => grace.addEventListener('abort', resolve, { once: true }));
    await Promise.race([Promise.allSettled([...this.inFlight]), expired]);
    await this.session.stop();
  }

  private async setUp(link: Link): Promise<Subscription> {
    const channel = await link.channel();
    const parking = await link.confirmChannel();
    await declareExchange(channel, this.topology);
    await declareQueues(channel, this.topology);
    await bindReplies(channel, this.topology);
    await channel.prefetch(this.options.prefetch);
    const over = new AbortController();
    channel.on('close', () => over.abort());
    this.keepBound(link, { channel, signal: over.signal });
    const park = parkOn(parking, parkedQueue(this.topology.deployment));
    const { consumerTag } = await channel.consume(repliesQueue(this.topology.deployment), (message) => {
      if (message === null) {
        link.fail(new Error('the broker cancelled the consumer (was the queue deleted?)'));
        return;
      }
      this.take({ channel, message, park, signal: over.signal });
    });
    return { channel, consumerTag };
  }

  private keepBound(link: Link, { channel, signal }: { channel: Channel; signal: AbortSignal }): void {
    const timer = setInterval(() => {
      bindReplies(channel, this.topology).catch((error: unknown) => {
        link.fail(error instanceof Error ? error : new Error(String(error)));
      });
    }, REBIND_INTERVAL_MS);
    timer.unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  private take(taken: { channel: Channel; message: ConsumeMessage; park: Park; signal: AbortSignal }): void {
    const work = this.settle(taken).catch((error: unknown) => {
      this.options.log.error({ err: error }, 'a delivery could not be settled; it will be delivered again');
    });
    this.inFlight.add(work);
    void work.finally(() => this.inFlight.delete(work));
  }

  private async settle(taken: {
    channel: Channel;
    message: ConsumeMessage;
    park: Park;
    signal: AbortSignal;
  }) {
    const { channel, message, park, signal } = taken;
    const settlement = await this.options
      .handler(deliveryOf(message, signal), park)
      .catch((error: unknown) => {
        this.options.log.error({ err: error }, 'the handler of replies failed; the reply is given back');
        return 'requeue' as const;
      });
    if (signal.aborted) return;
    switch (settlement) {
      case 'ack':
        channel.ack(message);
        return;
      case 'requeue':
        channel.nack(message, false, true);
        return;
    }
  }
}

interface Subscription {
  channel: Channel;
  consumerTag: string;
}

function deliveryOf({ content, fields, properties }: ConsumeMessage, signal: AbortSignal): Delivery {
  const { correlationId, appId } = properties as { correlationId?: unknown; appId?: unknown };
  return {
    body: content,
    correlationId: typeof correlationId === 'string' ? correlationId : '',
    appId: typeof appId === 'string' ? appId : '',
    topic: fields.routingKey,
    receivedAt: new Date(),
    signal,
  };
}

function parkOn(channel: ConfirmChannel, queue: string): Park {
  return ({ body, properties }) =>
    new Promise((resolve, reject) => {
      channel.sendToQueue(queue, body, { ...properties, persistent: true }, (error: unknown) => {
        if (error === null) resolve();
        else reject(error instanceof Error ? error : new Error('not confirmed'));
      });
    });
}
