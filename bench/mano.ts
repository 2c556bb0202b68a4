/**
 * The MANO's side of one exchange, in this process. It accepts every request that names a VNF, acks it immediately,
 * and sends READY when it should. Its cost is the same for every subject.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { EXCHANGE_OPTIONS, EXCHANGE_TYPE, MIGRATE_TOPIC, SLM_APP_ID } from '../src/mano/topics.js';
import { parseCorrelationId } from '../src/shared/correlation-id.js';
import { ack, free, ready, REPLY_PROPERTIES } from '../test/support/scripted-mano.js';
import { newTask } from '../test/support/tasks.js';
import { wallClockMs } from './clock.js';

const { input, readyRecords } = newTask();
/** The target of every migration: the records of every READY name it. */
export const TARGET_VIM = input.vimUuid;
/**
 * The client of the real MANO sets it too. Without it, the second packet of a READY waits 40 ms for the receipt of
 * the first one.
 */
const NO_DELAY = { noDelay: true };
const ACK_BODY = Buffer.from(ack().body);
const FREE_BODY = Buffer.from(free().body);
/** Contains the records of a service with one VNF. */
export const READY_BODY = Buffer.from(ready(readyRecords).body);

export class BenchMano {
  /** The time after the ack. Null means that it never sends READY. */
  readyAfterMs: () => number | null = () => 0;
  /** The time at which READY was sent, by workflow id. */
  readonly readyAtMs = new Map<string, number>();
  private readonly over = new AbortController();

  private constructor(private readonly bus: { model: ChannelModel; channel: Channel; exchange: string }) {
    // Each pending READY listens to the signal.
    setMaxListeners(0, this.over.signal);
  }

  static async open({ amqpUrl, exchange }: { amqpUrl: string; exchange: string }): Promise<BenchMano> {
    const model = await connect(amqpUrl, NO_DELAY);
    const channel = await model.createChannel();
    await channel.assertExchange(exchange, EXCHANGE_TYPE, EXCHANGE_OPTIONS);
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchange, MIGRATE_TOPIC);
    const mano = new BenchMano({ model, channel, exchange });
    await channel.consume(queue, (message) => message && mano.receive(message), { noAck: true });
    return mano;
  }

  /** Sends a reply as the MANO does, whether a request was received or not. */
  send({ correlationId, body }: { correlationId: string; body: Buffer }): void {
    const { channel, exchange } = this.bus;
    channel.publish(exchange, MIGRATE_TOPIC, body, { ...REPLY_PROPERTIES, correlationId });
  }

  async close(): Promise<void> {
    this.over.abort();
    await this.bus.channel.deleteExchange(this.bus.exchange);
    await this.bus.model.close();
  }

  private receive({ properties, content }: ConsumeMessage): void {
    const { appId, correlationId } = properties as { appId?: string; correlationId?: string };
    if (appId === SLM_APP_ID || correlationId === undefined) return;
    // A probe means that a request was lost. The migration still ends, but it is not clean.
    if (!content.includes('vnf_uuid')) {
      this.send({ correlationId, body: FREE_BODY });
      return;
    }
    this.send({ correlationId, body: ACK_BODY });
    const afterMs = this.readyAfterMs();
    if (afterMs !== null) void this.finish(correlationId, afterMs);
  }

  private async finish(correlationId: string, afterMs: number): Promise<void> {
    const { signal } = this.over;
    if (afterMs > 0) await delay(afterMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const { workflowId = '' } = parseCorrelationId(correlationId) ?? {};
    this.readyAtMs.set(workflowId, wallClockMs());
    this.send({ correlationId, body: READY_BODY });
  }
}
