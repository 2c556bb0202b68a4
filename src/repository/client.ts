/**
 * Reads the records of the MANO's repository (tng-rep). It never writes.
 *
 * Invariants:
 * R1  unreadable is never an answer: whatever is not a record, a list or a 404 of a record throws
 *     RepositoryUnavailable;
 * R2  a list is whole: paging is broken or shifts, so it comes as one page that is larger than the list;
 * R3  nothing is read twice here: who retries is the caller's business; who asks for a list while others do
 *     shares their read of it.
 *
 * `absent` is as good as the address: a proxy's 404 looks the same. Who concludes something from it confirms
 * it with a list, on which a 404 throws (see snapshot.ts).
 */
import { z } from 'zod';
import { RepositoryUnavailable } from './errors.js';
import { createHttpReader, type HttpReader } from './http.js';
import { sharedRead } from './shared-read.js';
import { nsrSchema, vnfrSchema, type Nsr, type Vnfr } from './schema.js';

export { RepositoryUnavailable } from './errors.js';
export type { Nsr, Vnfr } from './schema.js';

export type Found<T> = { kind: 'found'; value: T } | { kind: 'absent' };

export interface RepositoryClient {
  nsr(id: string, signal?: AbortSignal): Promise<Found<Nsr>>;
  vnfr(id: string, signal?: AbortSignal): Promise<Found<Vnfr>>;
  nsrs(signal?: AbortSignal): Promise<Nsr[]>;
  vnfrs(signal?: AbortSignal): Promise<Vnfr[]>;
}

export interface RepositoryClientOptions {
  /** The setting REPOSITORY_URL: http(s)://[user:password@]host[:port], without the paths of the records. */
  baseUrl: string;
  /** For one request, its body included. Default: 20,000 ms. */
  requestTimeoutMs?: number;
  /** For one answer, unpacked. Default: 32 MiB, room for some 10,000 VNF records. */
  maxBodyBytes?: number;
}

const NSR_PATH = '/records/nsr/ns-instances';
const VNFR_PATH = '/records/vnfr/vnf-instances';

const DEFAULT_TIMEOUT_MS = 20_000;
const DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024;

const FIRST_PAGE_SIZE = 500;
/** A server that fills this page ignores what it is asked for. */
const LAST_PAGE_SIZE = FIRST_PAGE_SIZE * 2 ** 10;

/** Ids become path segments; "." and ".." would lead elsewhere. */
const ID_PATTERN = /^[\w-]{1,128}$/;

/** One of the two collections. */
interface Collection<T> {
  http: HttpReader;
  path: string;
  schema: z.ZodType<T>;
}

export function createRepositoryClient(options: RepositoryClientOptions): RepositoryClient {
  const http = createHttpReader({
    baseUrl: options.baseUrl,
    requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
  });
  const nsrs: Collection<Nsr> = { http, path: NSR_PATH, schema: nsrSchema };
  const vnfrs: Collection<Vnfr> = { http, path: VNFR_PATH, schema: vnfrSchema };
  return {
    nsr: (id, signal) => readRecord(nsrs, { id, signal }),
    vnfr: (id, signal) => readRecord(vnfrs, { id, signal }),
    nsrs: sharedRead(() => readWholeList(nsrs)),
    vnfrs: sharedRead(() => readWholeList(vnfrs)),
  };
}

async function readRecord<T extends { id: string }>(
  { http, path, schema }: Collection<T>,
  { id, signal }: { id: string; signal: AbortSignal | undefined },
): Promise<Found<T>> {
  if (!ID_PATTERN.test(id)) throw unusable(`GET ${path}/…: ${JSON.stringify(id)} is no id of a record`);
  const answer = await http.get(`${path}/${id}`, signal);
  if (answer.kind === 'not-found') return { kind: 'absent' };
  const value = checked(answer.value, { schema, what: `GET ${path}/${id}` });
  if (value.id !== id) throw unusable(`GET ${path}/${id}: it answered with the record ${value.id}`);
  return { kind: 'found', value };
}

async function readWholeList<T extends { id: string }>({ http, path, schema }: Collection<T>): Promise<T[]> {
  for (let pageSize = FIRST_PAGE_SIZE; pageSize <= LAST_PAGE_SIZE; pageSize *= 2) {
    const what = `GET ${path}?page_size=${pageSize}`;
    const answer = await http.get(`${path}?page_size=${pageSize}`);
    if (answer.kind === 'not-found') throw unusable(`${what}: HTTP 404; is the address right?`);
    const rows = checked(answer.value, { schema: z.array(z.unknown()), what });
    // Fewer rows than asked for: there are no more. Only then is it worth looking into them.
    if (rows.length < pageSize) return withoutDoubles(checked(rows, { schema: z.array(schema), what }), what);
  }
  throw unusable(`GET ${path}: a page of ${LAST_PAGE_SIZE} rows does not hold the list`);
}

function checked<T>(value: unknown, { schema, what }: { schema: z.ZodType<T>; what: string }): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw unusable(`${what}: not what the repository serves${place}: ${issue?.message ?? 'invalid'}`);
}

/** Two rows of one id: the list was written while it was read, and the rows may disagree. */
function withoutDoubles<T extends { id: string }>(rows: T[], what: string): T[] {
  const ids = new Set(rows.map((row) => row.id));
  if (ids.size === rows.length) return rows;
  throw new RepositoryUnavailable(`Repository, ${what}: the list names a record twice`, { retryable: true });
}

/** An answer that a second try would get again. */
function unusable(message: string): RepositoryUnavailable {
  return new RepositoryUnavailable(`Repository, ${message}`, { retryable: false });
}
