/**
 * A peer on the exchange that answers as a script says, where the simulated MANO would answer as the real one.
 *
 * Invariants: it sees every request and keeps all of it; it answers nothing but what the script gives it, in the
 * script's order; a probe (the service id alone) is never taken for a migration.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Channel, type ChannelModel, type ConsumeMessage, type Options } from 'amqplib';
import { load, YAML11_SCHEMA } from 'js-yaml';
import {
  CREATE_TOPIC,
  EXCHANGE_OPTIONS,
  EXCHANGE_TYPE,
  MIGRATE_TOPIC,
  SLM_APP_ID,
} from '../../src/mano/topics.js';
import type { Nsr, Vnfr } from '../../src/simulator/records.js';
import { dumpLikePyYaml } from '../../src/simulator/messages.js';

export interface ManoRequest {
  kind: 'migration' | 'probe' | 'other';
  /** As it was on the wire. */
  body: string;
  properties: { [name in keyof ConsumeMessage['properties']]: unknown };
  correlationId: string;
  fields: Record<string, unknown>;
}

export interface ScriptedReply {
  body: string | Buffer;
  /** After the reply before it, or the request. */
  afterMs?: number;
  /** Default: the topic of requests. */
  topic?: string;
  /** Default: the request's. */
  correlationId?: string | undefined;
  /** Default: those of the MANO's replies. */
  properties?: Options.Publish;
}

export const REPLY_PROPERTIES: Options.Publish = {
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: { key: 'default', type: 'request' },
  appId: SLM_APP_ID,
};

/** `nth` counts the requests of this kind for this service, from 1. */
export type Script = (request: ManoRequest, nth: number) => ScriptedReply[];

export const silence: Script = () => [];

export function ack(): ScriptedReply {
  return { body: dumpLikePyYaml({ status: 'MIGRATING', error: null }) };
}

/** An ERROR in place of the ack. */
export function rejection(error: unknown): ScriptedReply {
  return { body: dumpLikePyYaml({ status: 'ERROR', error }) };
}

/** An ERROR at the end. */
export function finalError(error: unknown, { topic = MIGRATE_TOPIC } = {}): ScriptedReply {
  return { topic, body: dumpLikePyYaml({ status: 'ERROR', error, timestamp: 1_795_353_554.04 }) };
}

export function ready(records: { nsr: Nsr; vnfrs: Vnfr[] } | null): ScriptedReply {
  const body = { status: 'READY', error: null, timestamp: 1_795_353_554.04, duration: 1.4, ...records };
  return { body: dumpLikePyYaml({ ...body, workflow: 'migratevnf' }) };
}

export const BUSY = 'Workflow for service still going on, rejected';
export const busy = (): ScriptedReply => rejection(BUSY);
/** The answer of an idle MANO to a probe. */
export const free = (): ScriptedReply => rejection('Missing vim uuid');
export { CREATE_TOPIC, MIGRATE_TOPIC };

export function later(afterMs: number, reply: ScriptedReply): ScriptedReply {
  return { ...reply, afterMs };
}

export class ScriptedMano {
  private readonly requests: ManoRequest[] = [];
  private readonly scripts = new Map<string, Script>();
  private readonly over = new AbortController();

  private constructor(
    private readonly model: ChannelModel,
    private readonly channel: Channel,
    private readonly exchange: string,
  ) {}

  static async open({ amqpUrl, exchange }: { amqpUrl: string; exchange: string }): Promise<ScriptedMano> {
    const model = await connect(amqpUrl);
    const channel = await model.createChannel();
    await channel.assertExchange(exchange, EXCHANGE_TYPE, EXCHANGE_OPTIONS);
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchange, MIGRATE_TOPIC);
    const mano = new ScriptedMano(model, channel, exchange);
    await channel.consume(queue, (message) => message && mano.receive(message), { noAck: true });
    return mano;
  }

  /** What it answers to the migration requests for a service. Default: nothing. */
  onMigration(serviceInstanceUuid: string, script: Script): void {
    this.scripts.set(`migration/${serviceInstanceUuid}`, script);
  }

  /** What it answers to probes for a service. Default: nothing. */
  onProbe(serviceInstanceUuid: string, script: Script): void {
    this.scripts.set(`probe/${serviceInstanceUuid}`, script);
  }

  /** The migration requests for a service, the oldest first. */
  migrations(serviceInstanceUuid: string): ManoRequest[] {
    return this.ofKind('migration', serviceInstanceUuid);
  }

  probes(serviceInstanceUuid: string): ManoRequest[] {
    return this.ofKind('probe', serviceInstanceUuid);
  }

  /** Sends a reply that no request asked for. */
  send(reply: ScriptedReply & { correlationId: string | undefined }): void {
    const { topic = MIGRATE_TOPIC, body, correlationId, properties = REPLY_PROPERTIES } = reply;
    const id = correlationId === undefined ? {} : { correlationId };
    this.channel.publish(this.exchange, topic, Buffer.from(body), { ...properties, ...id });
  }

  async close(): Promise<void> {
    this.over.abort();
    await this.channel.deleteExchange(this.exchange);
    await this.model.close();
  }

  /** All requests for a service, the oldest first. */
  requestsFor(serviceInstanceUuid: string): ManoRequest[] {
    return this.requests.filter(({ fields }) => fields['service_instance_uuid'] === serviceInstanceUuid);
  }

  private ofKind(kind: ManoRequest['kind'], serviceInstanceUuid: string): ManoRequest[] {
    return this.requestsFor(serviceInstanceUuid).filter((request) => request.kind === kind);
  }

  private receive(message: ConsumeMessage): void {
    if (message.properties.appId === SLM_APP_ID) return;
    const request = readRequest(message);
    this.requests.push(request);
    const service = String(request.fields['service_instance_uuid']);
    const script = this.scripts.get(`${request.kind}/${service}`) ?? silence;
    void this.answer(request, script(request, this.ofKind(request.kind, service).length));
  }

  private async answer({ correlationId }: ManoRequest, replies: ScriptedReply[]): Promise<void> {
    const { signal } = this.over;
    for (const reply of replies) {
      if (reply.afterMs !== undefined) {
        await delay(reply.afterMs, undefined, { signal }).catch(() => undefined);
      }
      if (signal.aborted) return;
      this.send({ correlationId, ...reply });
    }
  }
}

function readRequest({ content, properties }: ConsumeMessage): ManoRequest {
  const body = content.toString('utf8');
  const fields = load(body, { schema: YAML11_SCHEMA }) as Record<string, unknown>;
  const keys = Object.keys(fields).sort().join();
  const kind =
    keys === 'service_instance_uuid'
      ? 'probe'
      : keys === 'service_instance_uuid,vim_uuid,vnf_uuid'
        ? 'migration'
        : 'other';
  const correlationId = String(properties.correlationId);
  return { kind, body, properties, correlationId, fields };
}
