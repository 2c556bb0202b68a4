import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createRepositoryClient,
  RepositoryUnavailable,
  type RepositoryClientOptions,
} from '../../../src/repository/client.js';
import { readServiceSnapshot } from '../../../src/repository/snapshot.js';

const NSRS = '/records/nsr/ns-instances';
const VNFRS = '/records/vnfr/vnf-instances';

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;
type Row = Record<string, unknown>;

/** What the repository holds; `misbehave` takes the place of its answers. */
interface World {
  nsrs: Row[];
  vnfrs: Row[];
  misbehave: Handler | null;
  requests: { path: string; authorization: string | undefined }[];
}

let world: World;
let server: Server;
let baseUrl: string;

/** Serves as tng-rep does: JSON called HTML, `uuid` for the id, a broken page_number, newest first. */
const behave: Handler = (_request, response, url) => {
  const isNsr = url.pathname.startsWith(NSRS);
  const rows = isNsr ? world.nsrs : world.vnfrs;
  const id = url.pathname.slice((isNsr ? NSRS : VNFRS).length + 1);
  response.setHeader('content-type', 'text/html;charset=utf-8');
  if (id !== '') {
    const row = rows.find((candidate) => candidate['uuid'] === id);
    response.statusCode = row === undefined ? 404 : 200;
    response.end(row === undefined ? '' : JSON.stringify(row));
    return;
  }
  const pageSize = Number(url.searchParams.get('page_size') ?? 10);
  const page = isNsr ? 1 : Math.max(1, Number(url.searchParams.get('page_number') ?? 1));
  response.end(JSON.stringify(rows.slice((page - 1) * pageSize, page * pageSize)));
};

beforeEach(async () => {
  world = { nsrs: [], vnfrs: [], misbehave: null, requests: [] };
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://repository');
    world.requests.push({ path: url.pathname + url.search, authorization: request.headers.authorization });
    (world.misbehave ?? behave)(request, response, url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function client(options: Partial<RepositoryClientOptions> = {}) {
  return createRepositoryClient({ baseUrl, requestTimeoutMs: 2_000, ...options });
}

async function failureOf(read: Promise<unknown>): Promise<RepositoryUnavailable> {
  const outcome = await read.then(
    (value) => value,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(RepositoryUnavailable);
  return outcome as RepositoryUnavailable;
}

const vnfr = (uuid: string, vim: string, more: Row = {}): Row => ({
  uuid,
  status: 'normal operation',
  descriptor_reference: 'fw',
  virtual_deployment_units: [{ id: 'vdu01', vnfc_instance: [{ id: '0', vim_id: vim }] }],
  ...more,
});
const nsr = (uuid: string, vnfs: string[]): Row => ({
  uuid,
  status: 'normal operation',
  network_functions: vnfs.map((id) => ({ vnfr_id: id })),
});

describe('records', () => {
  test('a record is found by its id, and everything it holds is passed through', async () => {
    world.nsrs = [nsr('s1', ['v1'])];
    world.vnfrs = [vnfr('v1', 'vim-a', { name: 'fw-vnf' })];
    expect(await client().nsr('s1')).toMatchObject({
      kind: 'found',
      value: { id: 's1', network_functions: [{ vnfr_id: 'v1' }] },
    });
    expect(await client().vnfr('v1')).toMatchObject({ kind: 'found', value: { id: 'v1', name: 'fw-vnf' } });
  });

  test('the id may be called id, as in the records on the bus', async () => {
    world.misbehave = (_request, response) => {
      response.end(JSON.stringify({ id: 's1', network_functions: [] }));
    };
    expect(await client().nsr('s1')).toMatchObject({ kind: 'found', value: { id: 's1' } });
  });

  test('404 is "absent", not a failure', async () => {
    expect(await client().vnfr('v1')).toEqual({ kind: 'absent' });
  });

  test('a prefix and a slash at the end of the address are kept and dropped', async () => {
    await client({ baseUrl: `${baseUrl}/mano//` }).vnfr('v1');
    expect(world.requests[0]?.path).toBe(`/mano${VNFRS}/v1`);
  });

  test.each(['', '.', '..', 'a/b', 'v1?x=1', 'v1%2f'])('%j is no id and is not asked for', async (id) => {
    expect((await failureOf(client().nsr(id))).retryable).toBe(false);
    expect(world.requests).toEqual([]);
  });
});

describe('lists', () => {
  test('the whole list comes although page_number is ignored', async () => {
    world.nsrs = Array.from({ length: 1_200 }, (_, index) => nsr(`s${index}`, []));
    const rows = await client().nsrs();
    expect(new Set(rows.map((row) => row.id)).size).toBe(1_200);
    expect(world.requests.map((request) => request.path)).toEqual([
      `${NSRS}?page_size=500`,
      `${NSRS}?page_size=1000`,
      `${NSRS}?page_size=2000`,
    ]);
  });

  test('a list that just fills the page is asked for again', async () => {
    world.vnfrs = Array.from({ length: 500 }, (_, index) => vnfr(`v${index}`, 'vim-a'));
    expect(await client().vnfrs()).toHaveLength(500);
    expect(world.requests).toHaveLength(2);
  });

  test('an empty list is an answer', async () => {
    expect(await client().vnfrs()).toEqual([]);
  });

  test('a server that fills every page is given up', async () => {
    world.misbehave = (_request, response, url) => {
      response.end(`[${new Array(Number(url.searchParams.get('page_size'))).fill('0').join(',')}]`);
    };
    const failure = await failureOf(client().vnfrs());
    expect(failure.message).toMatch(/does not hold the list/);
  });

  test('404 on a list is no empty list', async () => {
    world.misbehave = (_request, response) => {
      response.writeHead(404).end();
    };
    expect((await failureOf(client().nsrs())).message).toMatch(/404; is the address right/);
  });

  test('a list that names a record twice is not believed', async () => {
    world.vnfrs = [vnfr('v1', 'vim-a'), vnfr('v1', 'vim-b')];
    expect((await failureOf(client().vnfrs())).retryable).toBe(true);
  });

  test('one row that is no record makes the list unreadable', async () => {
    world.nsrs = [nsr('s1', []), { uuid: 's2' }];
    expect((await failureOf(client().nsrs())).message).toMatch(/at 1\.network_functions/);
  });
});

describe('what is no answer', () => {
  const send =
    (
      body: string | Buffer,
      { status = 200, headers = {} }: { status?: number; headers?: Row } = {},
    ): Handler =>
    (_request, response) => {
      response.writeHead(status, headers as Record<string, string>).end(body);
    };
  const json = (value: unknown): Handler => send(JSON.stringify(value));

  const cases: [string, Handler, { message: RegExp; retryable: boolean }][] = [
    ['HTTP 500', send('Error', { status: 500 }), { message: /HTTP 500/, retryable: true }],
    ['HTTP 503', send('', { status: 503 }), { message: /HTTP 503/, retryable: true }],
    ['HTTP 429', send('', { status: 429 }), { message: /HTTP 429/, retryable: true }],
    ['HTTP 401', send('', { status: 401 }), { message: /HTTP 401/, retryable: false }],
    ['HTTP 204', send('', { status: 204 }), { message: /HTTP 204/, retryable: false }],
    [
      'HTML with status 200',
      send('<!DOCTYPE html><p>maintenance'),
      { message: /HTML or XML/, retryable: true },
    ],
    ['an empty body', send(''), { message: /no JSON/, retryable: true }],
    ['truncated JSON', send('{"uuid": "v1", "status": "norm'), { message: /no JSON/, retryable: true }],
    ['no UTF-8', send(Buffer.from([0x22, 0xff, 0x22])), { message: /no JSON/, retryable: true }],
    ['the record of another VNF', json(vnfr('v2', 'vim-a')), { message: /record v2/, retryable: false }],
    ['another spelling of the id', json(vnfr('V1', 'vim-a')), { message: /record V1/, retryable: false }],
    ['two ids', json({ ...vnfr('v1', 'a'), id: 'v2' }), { message: /one id/, retryable: false }],
    ['no id', json({ status: 'normal operation' }), { message: /one id/, retryable: false }],
    ['a list for a record', json([vnfr('v1', 'a')]), { message: /not what/, retryable: false }],
    ['null', json(null), { message: /not what/, retryable: false }],
    [
      'a VIM that is a number',
      json(vnfr('v1', 'a', { cloudnative_deployment_units: [{ vim_id: 7 }] })),
      { message: /at cloudnative_deployment_units\.0\.vim_id/, retryable: false },
    ],
  ];
  test.each(cases)('%s', async (_name, handler, { message, retryable }) => {
    world.misbehave = handler;
    const failure = await failureOf(client().vnfr('v1'));
    expect(failure.message).toMatch(message);
    expect(failure.retryable).toBe(retryable);
  });

  test('a redirect is not followed', async () => {
    world.vnfrs = [vnfr('v1', 'vim-a')];
    world.misbehave = (_request, response, url) => {
      if (url.pathname.startsWith('/moved')) response.end(JSON.stringify(vnfr('v1', 'vim-a')));
      else response.writeHead(302, { location: '/moved' }).end();
    };
    const failure = await failureOf(client().vnfr('v1'));
    expect(failure.message).toMatch(/redirects \(HTTP 302\)/);
    expect(world.requests).toHaveLength(1);
  });

  test('50 MB are cut off at the limit', async () => {
    let sentBytes = 0;
    world.misbehave = (_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, ' ');
      const more = (): void => {
        while (sentBytes < 50_000_000 && !response.destroyed) {
          sentBytes += chunk.byteLength;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    };
    const failure = await failureOf(client({ maxBodyBytes: 1_000_000 }).vnfrs());
    expect(failure.message).toMatch(/larger than 1000000 bytes/);
    expect(failure.retryable).toBe(false);
    // What is on its way in socket buffers has been sent, not more.
    expect(sentBytes).toBeLessThan(20_000_000);
  });

  test('a small body that unpacks to a large one is cut off too', async () => {
    world.misbehave = send(gzipSync(Buffer.alloc(20_000_000, ' ')), {
      headers: { 'content-encoding': 'gzip' },
    });
    expect((await failureOf(client({ maxBodyBytes: 1_000_000 }).nsrs())).message).toMatch(/larger than/);
  });

  test('a connection that breaks in the middle of the body', async () => {
    world.misbehave = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"uuid":');
      setTimeout(() => response.destroy(), 20);
    };
    expect((await failureOf(client().vnfr('v1'))).retryable).toBe(true);
  });

  test('nobody listens', async () => {
    const failure = await failureOf(client({ baseUrl: 'http://127.0.0.1:9' }).vnfr('v1'));
    expect(failure.message).toMatch(/127\.0\.0\.1:9.*(ECONNREFUSED|bad port)/);
    expect(failure.retryable).toBe(true);
  });
});

describe('time', () => {
  test('a repository that hangs is given up after the time limit', async () => {
    world.misbehave = () => undefined;
    const failure = await failureOf(client({ requestTimeoutMs: 100 }).vnfr('v1'));
    expect(failure.message).toMatch(/no whole answer within 100 ms/);
    expect(failure.retryable).toBe(true);
  });

  test('a body that only drips is given up as well', async () => {
    world.misbehave = (_request, response) => {
      const drip = setInterval(() => response.write(' '), 10);
      response.once('close', () => {
        clearInterval(drip);
      });
    };
    const failure = await failureOf(client({ requestTimeoutMs: 150 }).vnfr('v1'));
    expect(failure.message).toMatch(/no whole answer within 150 ms/);
  });

  test('when the caller gives up, its own reason comes back', async () => {
    world.misbehave = () => undefined;
    const caller = new AbortController();
    const read = client().vnfr('v1', caller.signal);
    const reason = new Error('cancelled');
    setTimeout(() => {
      caller.abort(reason);
    }, 20);
    await expect(read).rejects.toBe(reason);
  });
});

describe('credentials', () => {
  test('they are sent as Basic auth and shown nowhere', async () => {
    world.misbehave = (_request, response) => {
      response.writeHead(500).end();
    };
    const withPassword = baseUrl.replace('http://', 'http://mano:s%3Acr%25t%zz@');
    const failure = await failureOf(client({ baseUrl: withPassword }).vnfr('v1'));
    expect(failure.message).toContain(baseUrl);
    expect(JSON.stringify([failure.message, failure.stack, failure.cause])).not.toMatch(/cr%|mano/);
    const sent = Buffer.from((world.requests[0]?.authorization ?? '').replace('Basic ', ''), 'base64');
    // "%zz" is no percent-encoding: such a password is taken as it stands.
    expect(sent.toString()).toBe('mano:s%3Acr%25t%zz');
  });

  test('a percent-encoded password is decoded', async () => {
    await client({ baseUrl: baseUrl.replace('http://', 'http://mano:s%3Ac%25@') }).vnfr('v1');
    expect(world.requests[0]?.authorization).toBe(`Basic ${Buffer.from('mano:s:c%').toString('base64')}`);
  });

  test.each(['http://mano:secret@:4012', 'mano:secret@host', 'ftp://mano:secret@host', ''])(
    'an address that is none is refused without showing it: %s',
    (address) => {
      expect(() => client({ baseUrl: address })).toThrow(
        expect.objectContaining({ message: 'The address of the repository is no http or https URL' }),
      );
    },
  );
});

test('a snapshot over HTTP: a move that is done', async () => {
  world.nsrs = [nsr('s1', ['v2', 'v3'])];
  world.vnfrs = [
    vnfr('v2', 'vim-b'),
    vnfr('v3', 'vim-a', { descriptor_reference: 'dpi' }),
    vnfr('v1', 'vim-a', { status: 'terminated' }),
  ];
  const request = { serviceInstanceUuid: 's1', vnfUuid: 'v1', vimUuid: 'vim-b' };
  expect(await readServiceSnapshot(client(), request)).toEqual({
    kind: 'read',
    snapshot: {
      listedVnfUuids: ['v2', 'v3'],
      vnf: {
        vnfUuid: 'v1',
        status: 'terminated',
        descriptorReference: 'fw',
        vimUuids: ['vim-a'],
        vimTypes: ['vm'],
      },
      siblings: [
        { vnfUuid: 'v2', status: 'normal operation', descriptorReference: 'fw', vimUuids: ['vim-b'] },
        { vnfUuid: 'v3', status: 'normal operation', descriptorReference: 'dpi', vimUuids: ['vim-a'] },
      ],
    },
  });
});
