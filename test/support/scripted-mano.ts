/**
 * A peer on the exchange that replies by a script, while the simulated MANO replies as the real one.
 *
 * Invariants: it receives every request and keeps all of it. It sends only the replies of the script, in the order
 * of the script. A probe, which names only a service, never counts as a migration.
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
  VIM_LIST_TOPIC,
} from '../../src/mano/topics.js';
import type { Nsr, Vnfr } from '../../src/simulator/records.js';
import { dumpLikePyYaml } from '../../src/simulator/messages.js';

const ADAPTOR_APP_ID = 'infrastructure-adaptor';

export interface ManoRequest {
  kind: 'migration' | 'probe' | 'other';
  /** The body as it was on the wire. */
  body: string;
  properties: { [name in keyof ConsumeMessage['properties']]: unknown };
  correlationId: string;
  fields: Record<string, unknown>;
}

export interface ScriptedReply {
  body: string | Buffer;
  /** The delay after the previous reply, or after the request. */
  afterMs?: number;
  /** Default: the topic of requests. */
  topic?: string;
  /** Default: that of the request. */
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

/** `nth` numbers the requests of this kind for this service, from 1. */
export type Script = (request: ManoRequest, nth: number) => ScriptedReply[];

export const silence: Script = () => [];

export function ack(): ScriptedReply {
  return { body: dumpLikePyYaml({ status: 'MIGRATING', error: null }) };
}

/** An ERROR in place of the ack. */
export function rejection(error: unknown): ScriptedReply {
  return { body: dumpLikePyYaml({ status: 'ERROR', error }) };
}

/** An ERROR as the final reply. */
export function finalError(error: unknown, { topic = MIGRATE_TOPIC } = {}): ScriptedReply {
  return { topic, body: dumpLikePyYaml({ status: 'ERROR', error, timestamp: 1_795_353_554.04 }) };
}

export function ready(records: { nsr: Nsr; vnfrs: Vnfr[] } | null): ScriptedReply {
  const body = { status: 'READY', error: null, timestamp: 1_795_353_554.04, duration: 1.4, ...records };
  return { body: dumpLikePyYaml({ ...body, workflow: 'migratevnf' }) };
}

export const BUSY = 'Workflow for service still going on, rejected';
export const busy = (): ScriptedReply => rejection(BUSY);
/** The reply of an idle MANO to a probe. */
export const free = (): ScriptedReply => rejection('Missing vim uuid');
export { CREATE_TOPIC, MIGRATE_TOPIC };

export function later(afterMs: number, reply: ScriptedReply): ScriptedReply {
  return { ...reply, afterMs };
}

export class ScriptedMano {
  private readonly requests: ManoRequest[] = [];
  private readonly scripts = new Map<string, Script>();
  private readonly over = new AbortController();
  /** Every message on the topic of the list of VIMs that is no answer of its adaptor. */
  readonly vimListRequests: ConsumeMessage[] = [];

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

  /** Sets the replies to migration requests for a service. Default: none. */
  onMigration(serviceInstanceUuid: string, script: Script): void {
    this.scripts.set(`migration/${serviceInstanceUuid}`, script);
  }

  /** Has an adaptor that answers each query for the list of VIMs with these. Before it is called, there is none. */
  async listVims(vims: readonly object[]): Promise<void> {
    const { queue } = await this.channel.assertQueue('', { exclusive: true });
    await this.channel.bindQueue(queue, this.exchange, VIM_LIST_TOPIC);
    const answer = (message: ConsumeMessage | null): void => {
      if (message === null || message.properties.appId === ADAPTOR_APP_ID) return;
      this.vimListRequests.push(message);
      const correlationId = String(message.properties.correlationId);
      const body = Buffer.from(JSON.stringify({ vim_list: vims, nep_list: [] }));
      this.channel.publish(this.exchange, VIM_LIST_TOPIC, body, {
        appId: ADAPTOR_APP_ID,
        correlationId,
      });
    };
    await this.channel.consume(queue, answer, { noAck: true });
  }

  /** What it answers to probes for a service. Default: nothing. */
  onProbe(serviceInstanceUuid: string, script: Script): void {
    this.scripts.set(`probe/${serviceInstanceUuid}`, script);
  }

  /** The migration requests for a service, oldest first. */
  migrations(serviceInstanceUuid: string): ManoRequest[] {
    return this.ofKind('migration', serviceInstanceUuid);
  }

  probes(serviceInstanceUuid: string): ManoRequest[] {
    return this.ofKind('probe', serviceInstanceUuid);
  }

  /** Sends a reply without a request. */
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

  /** All requests for a service, oldest first. */
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
