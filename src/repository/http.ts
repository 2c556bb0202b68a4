/**
 * One GET to the repository: JSON, "not found", or RepositoryUnavailable.
 *
 * Invariants:
 * H1  a request ends within `requestTimeoutMs`, its body included, and holds at most `maxBodyBytes` of it;
 * H2  only 200 with a JSON body, or 404, is an answer; redirects are not followed;
 * H3  the body decides what the answer is, not its Content-Type: tng-rep serves its JSON as text/html;
 * H4  the credentials of the address leave in the Authorization header and nowhere else;
 * H5  when the caller gives up, its own reason is thrown, so that a cancellation stays a cancellation.
 */
import { BodyTooLarge, parseBaseAddress, readBounded, reasonOf } from '../http/outgoing.js';
import { tracedFetch } from '../tracing/traced-fetch.js';
import { RepositoryUnavailable } from './errors.js';

export interface HttpOptions {
  /** http(s)://[user:password@]host[:port][/prefix] */
  baseUrl: string;
  requestTimeoutMs: number;
  maxBodyBytes: number;
}

export type Answer = { kind: 'json'; value: unknown } | { kind: 'not-found' };

export interface HttpReader {
  get(path: string, signal?: AbortSignal): Promise<Answer>;
}

/** 4xx that pass: a time limit of the server, and a rate limit. */
const TRANSIENT_CLIENT_ERRORS = new Set([408, 425, 429]);

export function createHttpReader(options: HttpOptions): HttpReader {
  const { base, authorization } = parseBaseAddress(options.baseUrl, 'the repository');
  const headers = { accept: 'application/json', ...(authorization !== null && { authorization }) };

  return {
    async get(path, signal) {
      const ours = new AbortController();
      const timer = setTimeout(() => {
        ours.abort();
      }, options.requestTimeoutMs);
      const signals = signal === undefined ? [ours.signal] : [ours.signal, signal];
      try {
        const response = await tracedFetch({
          url: base + path,
          template: withoutIds(path),
          init: { headers, redirect: 'manual', signal: AbortSignal.any(signals) },
        });
        return await answerOf(response, options.maxBodyBytes);
      } catch (error) {
        signal?.throwIfAborted();
        const limitMs = ours.signal.aborted ? options.requestTimeoutMs : null;
        throw asUnavailable(error, { where: base + path, limitMs });
      } finally {
        clearTimeout(timer);
        // Discards an unread body; no effect where all of it was read.
        ours.abort();
      }
    },
  };
}

async function answerOf(response: Response, maxBodyBytes: number): Promise<Answer> {
  const { status } = response;
  if (status === 404) return { kind: 'not-found' };
  if (status === 200) return { kind: 'json', value: parseJson(await readBody(response, maxBodyBytes)) };
  if (status >= 300 && status < 400) {
    throw new RepositoryUnavailable(`it redirects (HTTP ${status}), which is not followed`, {
      retryable: false,
    });
  }
  throw new RepositoryUnavailable(`it answered HTTP ${status}`, {
    retryable: status >= 500 || TRANSIENT_CLIENT_ERRORS.has(status),
  });
}

async function readBody(response: Response, maxBodyBytes: number): Promise<Buffer> {
  try {
    return await readBounded((response.body ?? []) as AsyncIterable<Uint8Array>, maxBodyBytes);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    throw new RepositoryUnavailable(`its answer is larger than ${maxBodyBytes} bytes`, { retryable: false });
  }
}

/** What is no JSON may be a cut answer or a page of a proxy: both pass, so both are worth another try. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    const what = body.toString('latin1', 0, 100).trimStart().startsWith('<') ? 'HTML or XML' : 'no JSON';
    throw new RepositoryUnavailable(`its answer is ${what} (${body.byteLength} bytes)`, { retryable: true });
  }
}

function asUnavailable(
  error: unknown,
  { where, limitMs }: { where: string; limitMs: number | null },
): RepositoryUnavailable {
  if (limitMs !== null) {
    return new RepositoryUnavailable(`Repository, GET ${where}: no whole answer within ${limitMs} ms`, {
      retryable: true,
    });
  }
  const retryable = error instanceof RepositoryUnavailable ? error.retryable : true;
  return new RepositoryUnavailable(`Repository, GET ${where}: ${reasonOf(error)}`, { retryable });
}

/** Of few values. */
function withoutIds(path: string): string {
  return path.replace(/\?.*$/, '').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, '{id}');
}
