/**
 * A simulated Gatekeeper (tng-gtk-sp). It accepts requests over HTTP, talks to the MANO over the bus, and sends one
 * callback for each change.
 *
 * Invariants, as observed on the real one: it answers 201 whether or not the bus accepted the message. It consumes
 * the migrate topic alone, so a request whose failure arrives on the other topic stays MIGRATING forever. It never
 * repeats a failed callback. Its own id of a request is the correlation id on the bus.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { BrokerFiles } from '../settings/broker-tls-and-credentials.js';
import { MIGRATE_TOPIC, SLM_APP_ID, VIM_LIST_TOPIC } from '../mano/topics.js';
import { parseYaml } from '../mano/yaml.js';
import { isRecord } from '../shared/mano/records.js';
import { Bus } from './bus.js';
import { strictObject } from './input-problems.js';
import { serveHttp, type HttpAnswer, type HttpRequest, type HttpServer } from './http.js';
import type { IncomingMessage } from './messages.js';

const GATEKEEPER_APP_ID = 'tng-gtk-sp';
const CALLBACK_TIMEOUT_MS = 5_000;
const VIM_LIST_TIMEOUT_MS = 80_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The faults that apply until a test changes them. */
export const gatekeeperFaultsSchema = strictObject({
  /** lost: no callback is sent · twice: each callback is sent twice · late: each is sent after `delayMs`. */
  callback: z.enum(['once', 'lost', 'twice', 'late']).default('once'),
  delayMs: z.int().min(0).default(1_000),
  /**
   * dropped: the request is saved and sent, and the connection is cut · 500: the same, with an answer without
   * details.
   */
  post: z.enum(['ok', 'dropped', '500']).default('ok'),
  get: z.enum(['ok', '500', '404']).default('ok'),
  vims: z.enum(['ok', '500']).default('ok'),
  /** What it finds wrong with every request. */
  refuse: z.string().optional(),
});
export type GatekeeperFaults = z.output<typeof gatekeeperFaultsSchema>;
export type GatekeeperFaultsInput = z.input<typeof gatekeeperFaultsSchema>;

interface VimList {
  vim_list: unknown[];
  nep_list: unknown[];
}

const NO_LIST: VimList = { vim_list: [], nep_list: [] };

/** One request as it is served, and posted to its callback. */
export interface GatekeeperRequest {
  id: string;
  request_type: string;
  instance_uuid: string;
  vnf_uuid: string;
  vim_uuid: string;
  callback: string;
  status: 'NEW' | 'MIGRATING' | 'READY' | 'ERROR';
  /** Empty if there is none. */
  error: string;
  duration: number | null;
  nsr: unknown;
  function_uuids: unknown;
  created_at: string;
  updated_at: string;
}

export interface GatekeeperOptions {
  amqpUrl: string;
  /** Certificates and password, if they are in files. */
  amqpFiles?: BrokerFiles | undefined;
  exchange: string;
  /** Default: the name that the real one uses. Two Gatekeepers with one queue name share their replies. */
  queue?: string;
  /** How long it waits for the adaptor's list. Default: 80 s, as the real one. */
  vimListTimeoutMs?: number;
}

export class Gatekeeper {
  faults: GatekeeperFaults = gatekeeperFaultsSchema.parse({});
  readonly #requests = new Map<string, GatekeeperRequest>();
  readonly #bus: Bus;
  readonly #vimBus: Bus;
  readonly #vimListTimeoutMs: number;
  /** Those who wait for the adaptor's list, by correlation id. */
  readonly #asking = new Map<string, (list: VimList) => void>();
  #server: HttpServer | undefined;
  #port = 0;

  constructor(options: GatekeeperOptions) {
    const { amqpUrl, amqpFiles, exchange, queue = `gk.${MIGRATE_TOPIC}` } = options;
    this.#vimListTimeoutMs = options.vimListTimeoutMs ?? VIM_LIST_TIMEOUT_MS;
    const broker = { amqpUrl, amqpFiles, exchange, isReconnecting: true };
    this.#vimBus = new Bus({
      ...broker,
      topic: VIM_LIST_TOPIC,
      queue: () => ({ name: `gk.vims.${randomUUID()}`, options: { durable: false, exclusive: true } }),
      onMessage: (message) => this.#hearVims(message),
    });
    this.#bus = new Bus({
      ...broker,
      topic: MIGRATE_TOPIC,
      queue: () => ({ name: queue, options: { durable: false } }),
      onMessage: (message) => void this.#hear(message),
    });
  }

  /** The value for GATEKEEPER_URL. */
  get url(): string {
    return this.#server?.url ?? '';
  }

  /** In order of arrival. */
  requests(): GatekeeperRequest[] {
    return [...this.#requests.values()];
  }

  async start({ port }: { port: number }): Promise<void> {
    await Promise.all([this.#bus.connect(), this.#vimBus.connect()]);
    this.#server = await serveHttp((request) => this.#answer(request), { port });
  }

  /** Stops the server and the consumer, as a stopped process would. The queue keeps the messages that arrive. */
  async pause(): Promise<void> {
    this.#port = Number(new URL(this.url).port);
    await Promise.all([this.#bus.disconnect(), this.#vimBus.disconnect(), this.#server?.close()]);
  }

  async resume(): Promise<void> {
    await this.start({ port: this.#port });
  }

  async stop(): Promise<void> {
    for (const answer of this.#asking.values()) answer(NO_LIST);
    await Promise.all([this.#bus.close(), this.#vimBus.close(), this.#server?.close()]);
  }

  async #answer(request: HttpRequest): Promise<HttpAnswer> {
    const [collection, id, ...rest] = request.path;
    if (request.method === 'GET' && request.path.join('/') === 'slices/vims') return await this.#listVims();
    if (collection !== 'requests' || rest.length > 0) return json(404, { error: 'not found' });
    if (request.method === 'POST' && id === undefined) return await this.#post(request);
    if (request.method === 'GET' && id !== undefined) return this.#get(id);
    return json(404, { error: 'not found' });
  }

  async #post({ contentType, body }: HttpRequest): Promise<HttpAnswer> {
    if (!/^application\/json\b/.test(contentType)) return json(415, { error: 'Content-Type must be JSON' });
    const text = await body();
    if (text === '') return json(400, { error: 'The request was missing its body' });
    const given = parsedJson(text);
    const problem = this.faults.refuse ?? problemOf(given);
    if (problem !== null) return json(400, { error: `Error saving request: ${problem}` });
    const request = newRequest(given);
    this.#requests.set(request.id, request);
    this.#publish(request);
    if (this.faults.post === 'dropped') return { kind: 'dropped' };
    if (this.faults.post === '500')
      return { kind: 'answer', status: 500, contentType: 'text/plain', body: 'Internal Server Error' };
    return json(201, request);
  }

  #get(id: string): HttpAnswer {
    if (this.faults.get === '500')
      return { kind: 'answer', status: 500, contentType: 'text/plain', body: 'Internal Server Error' };
    const request = this.faults.get === '404' ? undefined : this.#requests.get(id);
    return request === undefined
      ? json(404, { error: `Request UUID '${id}' not found` })
      : json(200, request);
  }

  /** Both lists empty where the adaptor does not answer in time. */
  async #listVims(): Promise<HttpAnswer> {
    if (this.faults.vims === '500')
      return { kind: 'answer', status: 500, contentType: 'text/plain', body: 'Internal Server Error' };
    const correlationId = randomUUID();
    const list = await new Promise<VimList>((resolve) => {
      const timer = setTimeout(() => resolve(NO_LIST), this.#vimListTimeoutMs);
      this.#asking.set(correlationId, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#vimBus.publish({
        topic: VIM_LIST_TOPIC,
        properties: {
          contentType: 'text/yaml',
          correlationId,
          replyTo: VIM_LIST_TOPIC,
          appId: GATEKEEPER_APP_ID,
        },
        body: '--- {}\n',
      });
    });
    this.#asking.delete(correlationId);
    return json(200, list);
  }

  #hearVims({ appId, correlationId = '', body }: IncomingMessage): void {
    const answer = this.#asking.get(correlationId);
    if (answer === undefined || appId === GATEKEEPER_APP_ID) return;
    const content = parseYaml(body);
    const vims: unknown = isRecord(content) ? content['vim_list'] : undefined;
    answer(Array.isArray(vims) ? { vim_list: vims, nep_list: [] } : NO_LIST);
  }

  #publish({ id, instance_uuid, vnf_uuid, vim_uuid }: GatekeeperRequest): void {
    this.#bus.publish({
      topic: MIGRATE_TOPIC,
      properties: {
        contentType: 'text/yaml',
        deliveryMode: 2,
        priority: 0,
        correlationId: id,
        replyTo: MIGRATE_TOPIC,
        appId: GATEKEEPER_APP_ID,
      },
      body: `---\nservice_instance_uuid: ${instance_uuid}\nvnf_uuid: ${vnf_uuid}\nvim_uuid: ${vim_uuid}\n`,
    });
  }

  /** Applies a reply of the MANO to the state of its request. */
  async #hear({ appId, correlationId, body }: IncomingMessage): Promise<void> {
    const request = this.#requests.get(correlationId ?? '');
    if (appId !== SLM_APP_ID || request === undefined) return;
    const reply = parseYaml(body);
    if (!isRecord(reply)) return;
    request.status = reply['status'] as GatekeeperRequest['status'];
    request.error = errorText(reply['error']);
    request.duration = (reply['duration'] as number | undefined) ?? request.duration;
    request.nsr = reply['nsr'] ?? request.nsr;
    request.function_uuids = reply['vnfrs'] ?? request.function_uuids;
    request.updated_at = new Date().toISOString();
    await this.#callBack({ ...request });
  }

  async #callBack(request: GatekeeperRequest): Promise<void> {
    const { callback, delayMs } = this.faults;
    if (request.callback === '' || callback === 'lost') return;
    if (callback === 'late') await delay(delayMs);
    await post(request);
    if (callback === 'twice') await post(request);
  }
}

/** The real one logs a failed callback, and never repeats it. */
async function post(request: GatekeeperRequest): Promise<void> {
  const signal = AbortSignal.timeout(CALLBACK_TIMEOUT_MS);
  const headers = { 'content-type': 'application/json' };
  await fetch(request.callback, { method: 'POST', headers, body: JSON.stringify(request), signal }).catch(
    () => undefined,
  );
}

function newRequest(given: Record<string, unknown>): GatekeeperRequest {
  const now = new Date().toISOString();
  return {
    id: randomUUID(),
    request_type: 'MIGRATE_FUNCTION',
    instance_uuid: given['instance_uuid'] as string,
    vnf_uuid: given['vnf_uuid'] as string,
    vim_uuid: given['vim_uuid'] as string,
    callback: typeof given['callback'] === 'string' ? given['callback'] : '',
    status: 'NEW',
    error: '',
    duration: null,
    nsr: null,
    function_uuids: null,
    created_at: now,
    updated_at: now,
  };
}

function problemOf(given: Record<string, unknown>): string | null {
  if (given['request_type'] !== 'MIGRATE_FUNCTION') return 'Request type is not included in the list';
  const names = { instance_uuid: 'instance', vnf_uuid: 'VNF', vim_uuid: 'VIM' };
  for (const [field, name] of Object.entries(names)) {
    const value = given[field];
    if (typeof value !== 'string' || !UUID.test(value)) return `The ${name} UUID must be valid`;
  }
  return null;
}

function parsedJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function errorText(error: unknown): string {
  if (error === null || error === undefined) return '';
  return typeof error === 'string' ? error : JSON.stringify(error);
}

function json(status: number, value: unknown): HttpAnswer {
  return { kind: 'answer', status, contentType: 'application/json', body: JSON.stringify(value) };
}
