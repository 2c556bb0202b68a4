/**
 * Asks the Gatekeeper (tng-gtk-sp) for a migration, and what became of it.
 *
 * Invariants:
 * G1  a request is posted at most once by one call, and its reported outcome is true: `not-sent` only where
 *     nothing can have arrived, `perhaps` wherever the answer is missing or cannot be read;
 * G2  an answer is bounded in size and time, and its schema checked; redirects are not followed;
 * G3  the credentials of the address leave in the Authorization header and nowhere else.
 */
import { codeOf, parseBaseAddress, readBounded, reasonOf } from '../http/outgoing.js';
import type { MigrationIds } from '../mano/request.js';
import { readVimList } from '../mano/vim-list.js';
import type { VimListAnswer } from '../shared/vim/answer.js';
import { tracedFetch } from '../tracing/traced-fetch.js';
import { gatekeeperRequestSchema, type GatekeeperRequest } from './schema.js';

export type Posted =
  | { kind: 'accepted'; request: GatekeeperRequest }
  /** It said what is wrong with the request, and did nothing. */
  | { kind: 'refused'; error: string }
  | { kind: 'perhaps'; reason: string }
  | { kind: 'not-sent'; reason: string };

export type Asked =
  | { kind: 'found'; request: GatekeeperRequest }
  /** It knows the request no more. */
  | { kind: 'unknown' }
  | { kind: 'unreadable'; reason: string };

export interface GatekeeperClient {
  post(ids: MigrationIds & { callbackUrl: string | null }, signal?: AbortSignal): Promise<Posted>;
  get(requestId: string, signal?: AbortSignal): Promise<Asked>;
  /** Never rejects. The Gatekeeper queries the adaptor, and answers when that does. */
  listVims(signal?: AbortSignal): Promise<VimListAnswer>;
}

export interface GatekeeperClientOptions {
  /** The setting GATEKEEPER_URL: http(s)://[user:password@]host[:port][/prefix], without `/requests`. */
  baseUrl: string;
  /** For one request, its answer included. Default: 20,000 ms. */
  requestTimeoutMs?: number;
  /** Of one answer, unpacked. Default: 16 MiB; a READY carries records of 3 to 4 MB. */
  maxBodyBytes?: number;
}

const DEFAULT_TIMEOUT_MS = 20_000;
const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Where nothing has left yet when it fails. */
const BEFORE_SENDING = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
]);
/** Answers of a proxy that read only the head of the request. Others, such as 408 and 499, come after it was passed on. */
const REFUSED_UNSEEN = new Set([
  ...[301, 302, 307, 308],
  ...[401, 403, 404, 405, 406, 411, 413, 414, 415, 429, 431],
]);
/** Ids become path segments; "." and ".." would lead elsewhere. */
const ID_PATTERN = /^[\w-]{1,128}$/;

interface Answer {
  status: number;
  /** Undefined if it is no JSON. */
  json: unknown;
}

export function createGatekeeperClient(options: GatekeeperClientOptions): GatekeeperClient {
  const ask = asker(options);
  return {
    post: async ({ serviceInstanceUuid, vnfUuid, vimUuid, callbackUrl }, signal) => {
      const body = JSON.stringify({
        request_type: 'MIGRATE_FUNCTION',
        instance_uuid: serviceInstanceUuid,
        vnf_uuid: vnfUuid,
        vim_uuid: vimUuid,
        ...(callbackUrl === null ? {} : { callback: callbackUrl }),
      });
      try {
        return readPosted(await ask('/requests', { method: 'POST', body, signal }));
      } catch (error) {
        const kind = BEFORE_SENDING.has(codeOf(error)) ? 'not-sent' : 'perhaps';
        return { kind, reason: reasonOf(error) };
      }
    },
    get: async (requestId, signal) => {
      if (!ID_PATTERN.test(requestId)) return { kind: 'unknown' };
      try {
        return readAsked(await ask(`/requests/${requestId}`, { method: 'GET', signal }), requestId);
      } catch (error) {
        signal?.throwIfAborted();
        return { kind: 'unreadable', reason: reasonOf(error) };
      }
    },
    listVims: async (signal) => {
      try {
        return readVims(await ask('/slices/vims', { method: 'GET', signal }));
      } catch (error) {
        return { kind: 'unavailable', reason: `the Gatekeeper: ${reasonOf(error)}` };
      }
    },
  };
}

function readPosted({ status, json }: Answer): Posted {
  if (status === 400)
    return { kind: 'refused', error: errorOf(json) ?? 'the Gatekeeper refused the request' };
  if (REFUSED_UNSEEN.has(status))
    return { kind: 'not-sent', reason: `the Gatekeeper answered HTTP ${status}` };
  const parsed = gatekeeperRequestSchema.safeParse(json);
  if (status < 300 && parsed.success) return { kind: 'accepted', request: parsed.data };
  return { kind: 'perhaps', reason: `the Gatekeeper answered HTTP ${status}, without the request` };
}

/** Without an answer of the adaptor the Gatekeeper serves an empty list. */
function readVims({ status, json }: Answer): VimListAnswer {
  if (status !== 200) return { kind: 'unavailable', reason: `the Gatekeeper answered HTTP ${status}` };
  const list = readVimList(json);
  if (list.kind !== 'list') return { kind: 'unavailable', reason: `the Gatekeeper: ${list.reason}` };
  return list.vims.length === 0
    ? { kind: 'unavailable', reason: 'the Gatekeeper has no list of VIMs: its adaptor did not answer it' }
    : { kind: 'listed', vims: list.vims };
}

function readAsked({ status, json }: Answer, requestId: string): Asked {
  if (status === 404) return { kind: 'unknown' };
  const parsed = gatekeeperRequestSchema.safeParse(json);
  if (status !== 200 || !parsed.success || parsed.data.id !== requestId) {
    return { kind: 'unreadable', reason: `the Gatekeeper answered HTTP ${status}, without the request` };
  }
  return { kind: 'found', request: parsed.data };
}

function asker({
  baseUrl,
  requestTimeoutMs = DEFAULT_TIMEOUT_MS,
  maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
}: GatekeeperClientOptions) {
  const { base, authorization } = parseBaseAddress(baseUrl, 'the Gatekeeper');
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(authorization !== null && { authorization }),
  };
  return async (
    path: string,
    { method, body, signal }: { method: 'GET' | 'POST'; body?: string; signal: AbortSignal | undefined },
  ): Promise<Answer> => {
    const ours = new AbortController();
    const timer = setTimeout(
      () => ours.abort(new Error(`no whole answer within ${requestTimeoutMs} ms`)),
      requestTimeoutMs,
    );
    try {
      const response = await tracedFetch({
        url: base + path,
        template: path.replace(/^\/requests\/.*/, '/requests/{id}'),
        init: {
          method,
          headers,
          redirect: 'manual',
          signal: signal === undefined ? ours.signal : AbortSignal.any([ours.signal, signal]),
          ...(body === undefined ? {} : { body }),
        },
      });
      return { status: response.status, json: await bodyOf(response, maxBodyBytes) };
    } finally {
      clearTimeout(timer);
      ours.abort();
    }
  };
}

/** Undefined if it is no JSON. */
async function bodyOf({ body }: Response, maxBodyBytes: number): Promise<unknown> {
  const bytes = await readBounded((body ?? []) as AsyncIterable<Uint8Array>, maxBodyBytes);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The Gatekeeper's own word, bounded: it ends in messages and histories. */
function errorOf(json: unknown): string | null {
  if (typeof json !== 'object' || json === null || !('error' in json)) return null;
  return typeof json.error === 'string' ? json.error.slice(0, 500) : null;
}
