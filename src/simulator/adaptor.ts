/**
 * A simulated infrastructure adaptor (tng-sp-ia), as far as it answers with the list of VIMs.
 *
 * Invariants, from the sources of the real one: it answers every request on the topic, to the topic that the request
 * names, with the correlation id of the request; what it does not know of a VIM it leaves out; its own answers, and
 * those of others, are no requests.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { VIM_LIST_TOPIC } from '../mano/topics.js';
import { parseYaml } from '../mano/yaml.js';
import type { BrokerFiles } from '../settings/broker-tls-and-credentials.js';
import { isRecord } from '../shared/mano/records.js';
import { Bus } from './bus.js';
import { strictObject } from './input-problems.js';
import { dumpLikePyYaml, type IncomingMessage } from './messages.js';
import type { LoadedVim } from './world.js';

const ADAPTOR_APP_ID = 'sonata.kernel.InfrAdaptor';
/** It cuts the correlation id to so many characters, and fails on a shorter one. */
const LEAST_ID_LENGTH = 10;

/**
 * whole: the whole list · silent: none · late: after `delayMs` · partial: half of it, after `delayMs` · twice: the
 * whole list, and half of it after `delayMs` · error: it has none · hostile: what no adaptor would send.
 */
export const adaptorFaultsSchema = strictObject({
  answer: z.enum(['whole', 'silent', 'late', 'partial', 'twice', 'error', 'hostile']).default('whole'),
  delayMs: z.int().min(0).default(1_000),
});
export type AdaptorFaults = z.output<typeof adaptorFaultsSchema>;

const ERROR = { request_status: 'ERROR', message: 'Timeout Error in List Compute Vim Call' };
/** Each alias stands for ten of the one before. */
const HOSTILE = `a: &a [x]\nb: &b [*a,*a,*a]\nvim_list: {__proto__: {vims: *b}, vim_uuid: !!python/object:os.system x}\n`;

export interface AdaptorOptions {
  amqpUrl: string;
  amqpFiles?: BrokerFiles | undefined;
  exchange: string;
  vims: () => LoadedVim[];
  /** Called with each request. */
  onRequest: (message: IncomingMessage) => void;
}

export class Adaptor {
  faults: AdaptorFaults = adaptorFaultsSchema.parse({});
  readonly bus: Bus;
  readonly #options: AdaptorOptions;
  readonly #over = new AbortController();

  constructor(options: AdaptorOptions) {
    this.#options = options;
    const { amqpUrl, amqpFiles, exchange } = options;
    this.bus = new Bus({
      amqpUrl,
      amqpFiles,
      exchange,
      topic: VIM_LIST_TOPIC,
      isReconnecting: true,
      queue: () => ({
        name: `${ADAPTOR_APP_ID}.${randomUUID()}`,
        options: { durable: false, exclusive: true, autoDelete: true },
      }),
      onMessage: (message) => void this.#receive(message).catch(() => undefined),
    });
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.bus.close();
  }

  async #receive(message: IncomingMessage): Promise<void> {
    const { appId, correlationId = '', replyTo } = message;
    if (appId === ADAPTOR_APP_ID || replyTo === undefined || isAnswer(message.body)) return;
    this.#options.onRequest(message);
    if (correlationId.length < LEAST_ID_LENGTH) return;
    const vims = this.#options.vims();
    const answer = (body: string): void => {
      const properties = { appId: ADAPTOR_APP_ID, correlationId, contentType: 'application/json' };
      this.bus.publish({ topic: replyTo, properties, body });
    };
    const { answer: fault, delayMs } = this.faults;
    const later = (): Promise<void> => delay(delayMs, undefined, { signal: this.#over.signal });
    const whole = listOf(vims);
    const half = listOf(vims.slice(0, Math.ceil(vims.length / 2)));
    switch (fault) {
      case 'whole':
        answer(whole);
        break;
      case 'silent':
        break;
      case 'late':
        await later();
        answer(whole);
        break;
      case 'partial':
        await later();
        answer(half);
        break;
      case 'twice':
        answer(whole);
        await later();
        answer(half);
        break;
      case 'error':
        answer(JSON.stringify(ERROR));
        break;
      case 'hostile':
        answer(HOSTILE);
    }
  }
}

/** Everybody on the topic receives the answers to others. */
function isAnswer(body: Uint8Array): boolean {
  try {
    const content = parseYaml(body);
    return isRecord(content) && ('vim_list' in content || 'request_status' in content);
  } catch {
    return false;
  }
}

function listOf(vims: readonly LoadedVim[]): string {
  return dumpLikePyYaml({ vim_list: vims.map(entryOf), nep_list: [] });
}

function entryOf({ vimUuid, name, city, type, cores, memoryMb, ours }: LoadedVim): object {
  return {
    vim_uuid: vimUuid,
    ...(name !== undefined && { vim_name: name }),
    ...(city !== undefined && { vim_city: city }),
    ...(type !== undefined && { type }),
    ...(cores !== undefined && { core_total: cores.total, core_used: cores.used + ours.cores }),
    ...(memoryMb !== undefined && {
      memory_total: memoryMb.total,
      memory_used: memoryMb.used + ours.memoryMb,
    }),
  };
}
