// The MANO's side of a real broker, for tests. It has its own exchange and deployment, receives everything that is
// published there, and sends replies as the MANO does.
import { randomUUID } from 'node:crypto';
import { connect, type Channel, type ChannelModel, type ConsumeMessage, type Options } from 'amqplib';
import { parkedQueue, repliesQueue } from '../../src/amqp/topology.js';
import type { BrokerSettings } from '../../src/settings/config.js';
import { EXCHANGE_OPTIONS, EXCHANGE_TYPE, MIGRATE_TOPIC, SLM_APP_ID } from '../../src/mano/topics.js';
import { makeCorrelationId } from '../../src/shared/correlation-id.js';

export const ACK = '{error: null, status: MIGRATING}\n';
export const READY = '{error: null, status: READY, timestamp: 1.5, duration: 2.5}\n';
export const FINAL_ERROR = '{error: it broke, status: ERROR, timestamp: 1.5}\n';

export interface Reply {
  correlationId: string;
  body: string | Buffer;
  topic?: string;
  appId?: string;
}

export class Bus {
  readonly deployment: string;
  readonly broker: BrokerSettings;
  /** Everything that was published to the exchange since `listen` was called. */
  readonly heard: ConsumeMessage[] = [];

  private constructor(
    readonly model: ChannelModel,
    readonly channel: Channel,
    readonly url: string,
  ) {
    const id = randomUUID().slice(0, 8);
    this.deployment = `test-${id}`;
    this.broker = { urls: [url], exchange: `son-kernel-${id}`, appId: 'vnf-migrator' };
  }

  static async open(url: string): Promise<Bus> {
    const model = await connect(url);
    model.on('error', () => undefined);
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    const bus = new Bus(model, channel, url);
    await bus.declareExchange();
    return bus;
  }

  get exchange(): string {
    return this.broker.exchange;
  }

  async declareExchange(options: Options.AssertExchange = EXCHANGE_OPTIONS): Promise<void> {
    await this.channel.assertExchange(this.exchange, EXCHANGE_TYPE, options);
  }

  /** Receives everything on the exchange from now on. Returns the name of the queue. */
  async listen(): Promise<string> {
    const { queue } = await this.channel.assertQueue('', { exclusive: true });
    await this.channel.bindQueue(queue, this.exchange, '#');
    await this.channel.consume(queue, (message) => message && void this.heard.push(message), { noAck: true });
    return queue;
  }

  correlationId(workflowId: string): string {
    return makeCorrelationId({ deployment: this.deployment, workflowId, nonce: randomUUID().slice(0, 8) });
  }

  /** Publishes a reply as the MANO does. */
  reply(reply: Reply): void {
    this.replyOn(this.exchange, reply);
  }

  /** The same on another exchange, such as that of a simulated MANO. */
  replyOn(exchange: string, { correlationId, body, topic = MIGRATE_TOPIC, appId = SLM_APP_ID }: Reply): void {
    this.channel.publish(exchange, topic, Buffer.from(body), {
      appId,
      correlationId,
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { key: 'default', type: 'request' },
    });
  }

  /** The number of messages that are ready for delivery. Messages that a consumer holds do not count. */
  async waiting(which: 'replies' | 'parked'): Promise<number> {
    return this.waitingIn(which === 'replies' ? repliesQueue(this.deployment) : parkedQueue(this.deployment));
  }

  /** The same for a queue of another deployment. */
  async waitingIn(queue: string): Promise<number> {
    // Use a separate channel: if the queue does not exist, the check fails and closes its channel.
    const channel = await this.model.createChannel();
    channel.on('error', () => undefined);
    const { messageCount } = await channel.checkQueue(queue);
    await channel.close();
    return messageCount;
  }

  /** Consumes all parked messages. */
  async takeParked(): Promise<ConsumeMessage[]> {
    const taken: ConsumeMessage[] = [];
    for (;;) {
      const message = await this.channel.get(parkedQueue(this.deployment), { noAck: true });
      if (message === false) return taken;
      taken.push(message as unknown as ConsumeMessage);
    }
  }

  /** Deletes the remaining queues and exchanges from the broker. */
  async close(): Promise<void> {
    const channel = await this.model.createChannel();
    await channel.deleteQueue(repliesQueue(this.deployment));
    await channel.deleteQueue(parkedQueue(this.deployment));
    await channel.deleteExchange(this.exchange);
    await this.model.close();
  }
}
