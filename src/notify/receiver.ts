/**
 * Who is told of campaigns: where, of which events, and with which key it is signed.
 *
 * Invariants: nothing of the address but its host, and nothing of the key, can be read or printed; `request` alone gives the
 * address, to what sends it. What a receiver answers loses every part of both before it is told to anybody.
 */
import { Webhook } from 'standardwebhooks';
import { authorizationOf, percentDecoded } from '../http/outgoing.js';
import type { NotifyEvent } from '../shared/notify/contract.js';

/** Receivers by their names. */
export type Receivers = ReadonlyMap<string, Receiver>;

export const NO_RECEIVERS: Receivers = new Map<string, Receiver>();

export interface ReceiverSettings {
  url: string;
  secret: string;
  /** Default: all. */
  events?: readonly NotifyEvent[] | undefined;
}

/** What is sent: its id, and its body. */
export interface WebhookMessage {
  id: string;
  body: string;
  /** Of this try. */
  at: Date;
}

/** Shorter parts of an address are words such as "hooks", and no secret. */
const SHORTEST_SECRET = 6;
const HIDDEN = '[…]';

export class Receiver {
  /** Where it is, for people. */
  readonly host: string;
  readonly #url: URL;
  readonly #webhook: Webhook;
  readonly #secrets: readonly string[];
  readonly #events: ReadonlySet<NotifyEvent> | null;

  /** Of settings that were checked: see receivers-file.ts. */
  constructor({ url, secret, events }: ReceiverSettings) {
    this.#url = new URL(url);
    this.#webhook = new Webhook(secret);
    this.#events = events === undefined ? null : new Set(events);
    this.#secrets = [...secretsOf(this.#url), ...partsOf(secret.replace(/^whsec_/, ''))];
    this.host = this.#url.host;
  }

  wants(event: NotifyEvent): boolean {
    return this.#events?.has(event) ?? true;
  }

  /** After Standard Webhooks. */
  request({ id, body, at }: WebhookMessage): { url: string; headers: Record<string, string> } {
    const url = new URL(this.#url);
    const authorization = authorizationOf(url);
    [url.username, url.password] = ['', ''];
    return {
      url: url.href,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': this.#webhook.sign(id, at, body),
        ...(authorization !== null && { authorization }),
      },
    };
  }

  /** Servers like to repeat what they were sent: "Cannot POST /hooks/t0ken". */
  withoutSecrets(text: string): string {
    return this.#secrets.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
  }
}

/** Longest first, so that no part of one is left. */
function secretsOf(url: URL): string[] {
  const { username, password, pathname, search, searchParams } = url;
  const basic = authorizationOf(url)?.replace('Basic ', '') ?? '';
  const found = [
    username,
    password,
    basic,
    pathname,
    search,
    ...pathname.split('/'),
    ...searchParams.values(),
  ];
  return found.flatMap(partsOf).sort((left, right) => right.length - left.length);
}

function partsOf(text: string): string[] {
  return [...new Set([text, percentDecoded(text)])].filter((part) => part.length >= SHORTEST_SECRET);
}
