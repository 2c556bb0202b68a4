/**
 * The MANO's repository (tng-rep) over HTTP, read-only, with the peculiarities of the real one.
 *
 * Invariants: the id of a document is named `uuid`, as the real one renames it. JSON is served as text/html,
 * because the real one sets no type. Every page of the NSR list is page 1, whatever page is requested. Pages of the
 * VNFR list are 1-based. Both lists start with the newest record, so that running migrations shift the pages.
 */
import type { RepositoryState } from './request-checks.js';
import { serveHttp, type HttpAnswer, type HttpRequest, type HttpServer } from './http.js';
import type { Nsr, Vnfr } from './records.js';
import type { Stored, World } from './world.js';

const DEFAULT_PAGE_SIZE = 10;
const KNOWN_PARAMETERS = ['page_number', 'page_size'];

export interface RepositoryDependencies {
  world: World;
  state: () => RepositoryState;
  port: number;
  host: string;
}

export async function serveRepository(deps: RepositoryDependencies): Promise<HttpServer> {
  return serveHttp((request) => answer(request, deps), { port: deps.port, host: deps.host });
}

function answer(request: HttpRequest, { world, state }: RepositoryDependencies): HttpAnswer {
  switch (state()) {
    case 'down':
      return { kind: 'dropped' };
    case 'hangs':
      return { kind: 'hung' };
    case '500':
      return page(500, 'Error Establishing a Database Connection');
    case 'html':
      return page(502, '<html><body><h1>502 Bad Gateway</h1></body></html>');
    case 'up':
      return request.method === 'GET' ? read(request, world) : page(405, 'read only');
  }
}

function read({ path, query }: HttpRequest, world: World): HttpAnswer {
  const [root, collection, kind, id, ...rest] = path;
  const place = [root, collection, kind].join('/');
  if (rest.length > 0) return notFound();
  switch (place) {
    case 'records/nsr/ns-instances':
      if (id !== undefined) return document(world.storedNsr(id));
      return list(query, () => world.storedNsrs().slice(0, pageSize(query)));
    case 'records/vnfr/vnf-instances':
      if (id !== undefined) return document(world.storedVnfr(id));
      return list(query, () => vnfrPage(query, world));
    default:
      return notFound();
  }
}

function vnfrPage(query: URLSearchParams, world: World): Stored<Vnfr>[] {
  const pageNumber = Math.max(1, integerOr(query.get('page_number'), 1));
  const size = pageSize(query);
  return world.storedVnfrs().slice((pageNumber - 1) * size, pageNumber * size);
}

function list(query: URLSearchParams, rows: () => Stored<Nsr | Vnfr>[]): HttpAnswer {
  const unknown = [...query.keys()].filter((name) => !KNOWN_PARAMETERS.includes(name));
  if (unknown.length > 0)
    return page(400, JSON.stringify({ error: `wrong parameters ${unknown.join(', ')}` }));
  return page(200, JSON.stringify(rows().map(serialised)));
}

function pageSize(query: URLSearchParams): number {
  const size = integerOr(query.get('page_size'), DEFAULT_PAGE_SIZE);
  return size < 1 ? 2 : size;
}

/** Works like Ruby's to_i: text that is not a number gives 0. */
function integerOr(text: string | null, fallback: number): number {
  if (text === null) return fallback;
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? 0 : number;
}

function document(stored: Stored<Nsr | Vnfr> | undefined): HttpAnswer {
  return stored === undefined ? notFound() : page(200, JSON.stringify(serialised(stored)));
}

function serialised({ record, createdAtMs }: Stored<Nsr | Vnfr>): Record<string, unknown> {
  const { id, ...rest } = record;
  const createdAt = new Date(createdAtMs).toISOString();
  return { created_at: createdAt, ...rest, updated_at: createdAt, uuid: id };
}

function notFound(): HttpAnswer {
  return page(404, '<h1>Not Found</h1>');
}

function page(status: number, body: string): HttpAnswer {
  return { kind: 'answer', status, contentType: 'text/html;charset=utf-8', body };
}
