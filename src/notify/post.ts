/**
 * Posts one event to one receiver.
 *
 * Invariants: any 2xx, and nothing else, is a delivery; redirects are not followed, because a signature is for one address;
 * a try ends within its time, however slowly an answer comes, and reads no more of it than is told. Never rejects.
 */
import { excerpt } from '../mano/safe-text.js';
import { readStart, reasonOf } from '../http/outgoing.js';
import type { DeliveryProblem } from '../shared/notify/contract.js';
import { tracedFetch } from '../tracing/traced-fetch.js';
import { cloudEventMessage, type CampaignMessage } from './cloud-event.js';
import type { Receiver } from './receiver.js';

export interface PostOptions {
  receiver: Receiver;
  message: CampaignMessage;
  /** For all of it. */
  timeoutMs: number;
  /** Ends it early. */
  signal: AbortSignal;
}

const GONE = 410;
const MAX_BODY_BYTES = 4_096;
/** In characters. */
const MOST_QUOTED = 200;
const MOST_REASON = 300;
/** What a receiver asks for is bounded again by what waits. */
const LONGEST_RETRY_AFTER_S = 86_400;

/** Null: it is delivered. */
export async function postEvent(options: PostOptions): Promise<DeliveryProblem | null> {
  const { timeoutMs, signal, receiver } = options;
  const ours = new AbortController();
  const late = new Error(`no whole answer within ${timeoutMs} ms`);
  const timer = setTimeout(() => ours.abort(late), timeoutMs);
  try {
    const response = await send(options, AbortSignal.any([ours.signal, signal]));
    return response.ok ? null : await problemOf(response, receiver);
  } catch (error) {
    const reason = excerpt(receiver.withoutSecrets(reasonOf(error)), MOST_REASON);
    return { kind: 'unreachable', reason: `${receiver.host}: ${reason}`, retryAfterMs: null };
  } finally {
    clearTimeout(timer);
    // Ends an answer that was not read to its end.
    ours.abort();
  }
}

async function send({ receiver, message }: PostOptions, signal: AbortSignal): Promise<Response> {
  const { contentType, body } = cloudEventMessage(message);
  const { url, headers } = receiver.request({ id: message.event.id, body, at: new Date() });
  return await tracedFetch({
    url,
    template: 'receiver',
    isSecret: true,
    init: {
      method: 'POST',
      headers: { ...headers, 'content-type': contentType, 'user-agent': 'vnf-migrator' },
      body,
      redirect: 'manual',
      signal,
    },
  });
}

async function problemOf(response: Response, receiver: Receiver): Promise<DeliveryProblem> {
  const { status } = response;
  const answered = `${receiver.host} answered HTTP ${status}`;
  if (status === GONE) {
    const reason = `${answered}: it wants no more events`;
    return { kind: 'gone', reason, retryAfterMs: null };
  }
  if (status >= 300 && status < 400) {
    const reason = `${answered}: redirects are not followed`;
    return { kind: 'refused', reason, retryAfterMs: null };
  }
  const retryAfterMs = retryAfter(response.headers.get('retry-after'));
  const said = await quoted(response, receiver);
  const kind = retryAfterMs === null ? 'refused' : 'unreachable';
  return { kind, reason: said === '' ? answered : `${answered}: ${said}`, retryAfterMs };
}

/** Empty where there is nothing to read, or it does not come in time: the status says enough. */
async function quoted({ body }: Response, receiver: Receiver): Promise<string> {
  const bytes = await readStart((body ?? []) as AsyncIterable<Uint8Array>, MAX_BODY_BYTES).catch(() => null);
  const text = bytes === null ? '' : bytes.toString('utf8').trim();
  return excerpt(receiver.withoutSecrets(text), MOST_QUOTED);
}

/** Seconds, or a date. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  // Date.parse takes "-1" for a year.
  const isDate = header.endsWith(' GMT');
  const seconds = isDate ? (Date.parse(header) - Date.now()) / 1_000 : Number(header);
  if (!Number.isFinite(seconds) || (!isDate && !/^\d+$/.test(header))) return null;
  return Math.round(Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER_S) * 1_000);
}
