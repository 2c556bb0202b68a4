/**
 * Requests to the console's API.
 *
 * Invariants: every failure is an `ApiProblem`. A 401 is told to whoever keeps the session. No token is kept here: the
 * browser sends the cookie.
 */
import { noteReachable, noteUnreachable } from './availability.js';
import { ApiProblem, asProblem, problemFrom } from './problem.js';

const ROOT = '/api/v1';
/** Longer than the console waits for what is behind it. */
const TIMEOUT_MS = 60_000;

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const onUnauthenticated: Set<() => void> = new Set<() => void>();

export function whenUnauthenticated(listener: () => void): void {
  onUnauthenticated.add(listener);
}

/** The address of a path below `/api/v1`, for links and event streams. */
export function apiUrl(path: string): string {
  return `${ROOT}${path}`;
}

/** One segment of a path. Workflow ids hold slashes. */
export function segment(id: string): string {
  return encodeURIComponent(id);
}

/** `?a=1&b=2`, without what is empty. */
export function queryOf(values: Readonly<Record<string, string | number | null | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]): [string, string][] =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** @throws ApiProblem */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await sent(path, options);
  const body = await bodyOf(response);
  if (response.ok) return body as Answer;
  if (response.status === 401) for (const listener of onUnauthenticated) listener();
  throw problemFrom({ status: response.status, body });
}

async function sent(
  path: string,
  { method = 'GET', body, headers = {}, signal }: RequestOptions,
): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(apiUrl(path), {
      method,
      headers: { ...headers, ...(method === 'GET' ? {} : { 'content-type': 'application/json' }) },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
    noteReachable();
    return response;
  } catch (error) {
    if (signal?.aborted === true) throw asProblem(error);
    noteUnreachable();
    throw new ApiProblem({ code: 'unreachable', detail: 'The console does not answer.' });
  }
}

/** Null: the response has no body, or none that is JSON. */
async function bodyOf(response: Response): Promise<unknown> {
  try {
    return (await response.json()) as unknown;
  } catch {
    return null;
  }
}

/** Given again with the same key, an order is carried out once. Works without a secure context, too. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
