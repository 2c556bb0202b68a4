/**
 * Consumes the reply queue.
 *
 * Invariants:
 * C1 A handler says what becomes of a delivery and never touches the channel.
 * C2 A delivery is settled on the channel that it came on, or not at all: after a loss the broker gives it
 *    out again by itself.
 * C3 Never without a consumer unnoticed: a cancelled consumer ends the session, and bindings are declared again and
 *    again, because an exchange that was deleted and declared again leaves a consumer without messages and without any event.
 * C4 At most `prefetch` deliveries are held.
 * C5 Parking has a connection of its own: a broker that accepts no publishes stops reading from a connection
 *    that publishes, acknowledgements included.
 * C6 What fails is given back after a pause: at once, it would come back at once, again and again.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfirmChannel, Channel, ConsumeMessage, Options } from 'amqplib';
import type { BrokerSettings } from '../settings/config.js';
import type { Logger } from '../observability/logger.js';
import { withinLimit } from './connection.js';
import { Session, SESSION_NAMES, type Link, type OnLoss, type SessionStatus } from './session.js';
import {
  bindReplies,
  declareExchange,
  declareParkedQueue,
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
  /** The broker has delivered it before, perhaps to another listener. */
  isRedelivered: boolean;
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
  onLoss?: OnLoss | undefined;
  log: Logger;
  /** How often the bindings are declared again. Default 30 s. */
  rebindIntervalMs?: number;
}

const REBIND_INTERVAL_MS = 30_000;
const FAILED_PAUSE_MS = 1_000;
const PARK_TIMEOUT_MS = 10_000;

export class Consumer {
  private readonly session: Session<Subscription>;
  /** Started with the first message that is to be parked. */
  private readonly parking: Session<ParkingLot>;
  private readonly topology: Topology;
  private readonly inFlight = new Set<Promise<void>>();
  private parkedCount: number | null = null;

  constructor(private readonly options: ConsumerOptions) {
    this.topology = { exchange: options.broker.exchange, deployment: options.deployment };
    this.session = new Session({
      name: SESSION_NAMES.listener,
      access: options.broker,
      setUp: (link) => this.setUp(link),
      log: options.log,
      onLoss: options.onLoss,
    });
    this.parking = new Session({
      name: SESSION_NAMES.parking,
      access: options.broker,
      setUp: (link) => this.setUpParking(link),
      log: options.log,
      onLoss: options.onLoss,
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

  /** Replies in the parked queue, as the broker counted them last; null before it has. */
  parked(): number | null {
    return this.parkedCount;
  }

  /** Resolves once it consumes. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.session.ready(signal);
  }

  /** Takes no more deliveries, lets those under way end for a while, then closes. */
  async stop({ graceMs }: { graceMs: number }): Promise<void> {
    await withinLimit(this.drain(), graceMs).catch(() => undefined);
    await Promise.all([this.session.stop(), this.parking.stop()]);
  }

  private async drain(): Promise<void> {
    const subscription = this.session.held();
    await subscription?.channel.cancel(subscription.consumerTag).catch(() => undefined);
    await Promise.allSettled([...this.inFlight]);
    // The close of a connection overtakes what its channels still have to write. The answer to anything asked
    // on the channel says that the acknowledgements before it have left.
    await subscription?.channel.prefetch(this.options.prefetch).catch(() => undefined);
  }

  private async setUp(link: Link): Promise<Subscription> {
    const channel = await link.channel();
    const over = new AbortController();
    // Each delivery that is held listens to it.
    setMaxListeners(0, over.signal);
    channel.on('close', () => over.abort());
    await declareExchange(channel, this.topology);
    this.parkedCount = await declareQueues(channel, this.topology);
    await bindReplies(channel, this.topology);
    await channel.prefetch(this.options.prefetch);
    this.keepBound(link, { channel, signal: over.signal });
    const { consumerTag } = await channel.consume(repliesQueue(this.topology.deployment), (message) => {
      if (message === null) {
        link.fail(new Error('the broker cancelled the consumer (was the queue deleted?)'));
        return;
      }
      this.take({ channel, message, signal: over.signal });
    });
    return { channel, consumerTag };
  }

  private async setUpParking(link: Link): Promise<ParkingLot> {
    const lot = { channel: await link.confirmChannel(), isGone: false };
    await declareQueues(lot.channel, this.topology);
    // The broker confirms what it gives back, right after it.
    lot.channel.on('return', () => {
      lot.isGone = true;
      link.fail(new Error('the parked queue is gone'));
    });
    return lot;
  }

  private keepBound(link: Link, { channel, signal }: { channel: Channel; signal: AbortSignal }): void {
    const timer = setInterval(() => {
      this.declareAgain(channel).catch((error: unknown) => {
        link.fail(error instanceof Error ? error : new Error(String(error)));
      });
    }, this.options.rebindIntervalMs ?? REBIND_INTERVAL_MS);
    timer.unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  private async declareAgain(channel: Channel): Promise<void> {
    await bindReplies(channel, this.topology);
    this.parkedCount = await declareParkedQueue(channel, this.topology);
  }

  private take(taken: Taken): void {
    const work = this.settle(taken).catch((error: unknown) => {
      this.options.log.error({ err: error }, 'could not settle a delivery; the broker will redeliver it');
    });
    this.inFlight.add(work);
    void work.finally(() => this.inFlight.delete(work));
  }

  private async settle({ channel, message, signal }: Taken): Promise<void> {
    const park: Park = (parked) => this.park(parked, signal);
    const settlement = await this.options
      .handler(deliveryOf(message, signal), park)
      .catch(async (error: unknown) => {
        if (!signal.aborted) {
          this.options.log.error({ err: error }, 'the handler of a reply failed; requeued the reply');
        }
        await delay(FAILED_PAUSE_MS, undefined, { signal }).catch(() => undefined);
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

  private async park({ body, properties }: Parameters<Park>[0], signal: AbortSignal): Promise<void> {
    this.parking.start();
    const lot = await this.parking.ready(signal);
    const options = { ...properties, persistent: true, mandatory: true };
    const confirmed = new Promise<void>((resolve, reject) => {
      lot.channel.sendToQueue(parkedQueue(this.topology.deployment), body, options, (error: unknown) => {
        if (error === null && !lot.isGone) resolve();
        else reject(error instanceof Error ? error : new Error('the message could not be parked'));
      });
    });
    // A queue without a leader confirms nothing, ever.
    await withinLimit(confirmed, PARK_TIMEOUT_MS);
  }
}

interface ParkingLot {
  channel: ConfirmChannel;
  /** Its queue was deleted. */
  isGone: boolean;
}

interface Subscription {
  channel: Channel;
  consumerTag: string;
}

/** One delivery, and the channel that it came on, whose end aborts the signal. */
interface Taken {
  channel: Channel;
  message: ConsumeMessage;
  signal: AbortSignal;
}

function deliveryOf({ content, fields, properties }: ConsumeMessage, signal: AbortSignal): Delivery {
  const { correlationId, appId } = properties as { correlationId?: unknown; appId?: unknown };
  return {
    body: content,
    correlationId: typeof correlationId === 'string' ? correlationId : '',
    appId: typeof appId === 'string' ? appId : '',
    topic: fields.routingKey,
    receivedAt: new Date(),
    isRedelivered: fields.redelivered,
    signal,
  };
}
