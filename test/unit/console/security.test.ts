/** The threat list of docs/security.md, a test a line. Nothing here needs Temporal: all is refused before. */
import { request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logSink } from '../../support/log-sink.js';
import { TestConsole } from '../../support/console.js';

/** Nothing listens there. */
const NO_TEMPORAL = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
const ORDER = '/api/v1/campaigns/night/orders/pause';
const REASON = { reason: 'a test' };

const sink = logSink();
let console: TestConsole;
let open: TestConsole;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'console-pages-'));
  const pages = join(folder, 'pages');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'SECRET');
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(pages, 'assets', 'main-1.js'), 'export {};');
  console = await TestConsole.on(NO_TEMPORAL, { log: sink.log, pagesDirectory: pages });
  open = await TestConsole.on(NO_TEMPORAL, { withTokens: false, log: sink.log });
});

afterAll(async () => {
  await Promise.all([console.stop(), open.stop()]);
  rmSync(folder, { recursive: true });
});

const nobody = { authorization: '' };

/** Every route, as the description of the API has it. */
async function routes(): Promise<{ method: 'GET' | 'POST' | 'PUT' | 'DELETE'; url: string }[]> {
  const { paths } = await console.get<{ paths: Record<string, Record<string, unknown>> }>('openapi.json');
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase() as 'GET',
      url: path.replaceAll(/\{\w+\}/g, 'x'),
    })),
  );
}

describe('without a token', () => {
  it('no route answers anything but the login and what the API is', async () => {
    const all = await routes();
    expect(all.length).toBeGreaterThan(40);
    for (const { method, url } of all) {
      if (url.endsWith('/session') && method !== 'GET') continue;
      const { statusCode } = await console.ask(method, url, { headers: nobody, body: {} });
      expect(`${method} ${url}: ${statusCode}`).toBe(`${method} ${url}: 401`);
    }
  });

  it('a wrong one is none, in the header and in the cookie', async () => {
    for (const headers of [
      { authorization: 'Bearer vnfc_wrong' },
      { ...nobody, cookie: 'vnf_console=wrong' },
    ]) {
      expect((await console.ask('GET', 'session', { headers })).statusCode).toBe(401);
    }
  });

  it('one that is taken away lets nobody in any more', async () => {
    const headers = { authorization: `Bearer ${console.tokens.viewer}` };
    expect((await console.ask('GET', 'session', { headers })).statusCode).toBe(200);
    const [victor] = console.holders.splice(1, 1);
    expect((await console.ask('GET', 'session', { headers })).statusCode).toBe(401);
    console.holders.push(victor!);
  });
});

describe('a login', () => {
  it('gives a cookie that no script reads and no other site sends, and lets in', async () => {
    const body = { token: console.tokens.operator };
    const login = await console.ask('POST', 'session', { headers: nobody, body });
    expect(login.json()).toEqual({ actor: 'olga', role: 'operator', login: 'tokens' });
    const cookie = String(login.headers['set-cookie']);
    for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(attribute);
    const headers = { ...nobody, cookie: cookie.split(';')[0]! };
    expect((await console.ask('GET', 'session', { headers })).json()).toMatchObject({ actor: 'olga' });
  });

  it('over TLS gives a cookie that is sent over TLS alone, whoever ends the TLS', async () => {
    const headers = { ...nobody, host: 'ops.example', origin: 'https://ops.example' };
    const login = await console.ask('POST', 'session', { headers, body: { token: console.tokens.viewer } });
    expect(String(login.headers['set-cookie'])).toContain('; Secure');
  });

  it('with a wrong token is refused, and not for ever tried', async () => {
    const from = { remoteAddress: '10.9.9.9' };
    const tries = [];
    for (let nth = 0; nth < 25; nth += 1)
      tries.push(await console.ask('POST', 'session', { headers: nobody, body: { token: 'x' }, ...from }));
    expect(tries[0]).toMatchObject({ statusCode: 401 });
    expect(tries.at(-1)).toMatchObject({ statusCode: 429 });
    expect(tries.at(-1)!.json()).toMatchObject({ type: 'urn:vnf-migrator:problem:too-many' });
  });
});

describe('a viewer', () => {
  it('may give no order', async () => {
    const headers = { authorization: `Bearer ${console.tokens.viewer}` };
    for (const { method, url } of await routes()) {
      if (method === 'GET' || url.endsWith('/session') || url.endsWith('/plan')) continue;
      const { statusCode } = await console.ask(method, url, { headers, body: {} });
      expect(`${method} ${url}: ${statusCode}`).toBe(`${method} ${url}: 403`);
    }
  });

  it('is everybody where nothing logs anybody in, at names of this machine alone', async () => {
    expect((await open.ask('GET', 'session', { headers: nobody })).json()).toEqual({
      ...{ actor: null, role: 'viewer', login: 'none' },
    });
    expect((await open.ask('POST', ORDER, { headers: nobody, body: REASON })).statusCode).toBe(403);
    const rebound = { ...nobody, host: 'rebound.evil.example:8088' };
    const { statusCode, body } = await open.ask('GET', 'session', { headers: rebound });
    expect(statusCode).toBe(403);
    expect(body).toContain('foreign-origin');
  });
});

describe('an event stream', () => {
  it.each(['campaigns/x/events', 'migrations/x/events'])('is opened by GET alone: %s', async (url) => {
    const answer = await console.app.inject({
      ...{ method: 'HEAD', url: `/api/v1/${url}` },
      headers: { authorization: `Bearer ${console.tokens.viewer}` },
    });
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: 'GET' } });
  });
});

describe('a page of another origin', () => {
  it.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('gives no order: %j', async (forged) => {
    const login = { cookie: `vnf_console=${console.tokens.operator}`, ...nobody };
    const { statusCode, body } = await console.ask('POST', ORDER, {
      headers: { ...login, ...forged } as Record<string, string>,
      body: REASON,
    });
    expect(statusCode).toBe(403);
    expect(body).toContain('foreign-origin');
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])(
    'gives no order by a form, whose body is no JSON: %s',
    async (type) => {
      const headers = { 'content-type': type };
      const { statusCode } = await console.ask('POST', ORDER, { headers, payload: '{"reason":"a test"}' });
      expect(statusCode).toBe(415);
    },
  );

  it('is allowed to read nothing, and to frame nothing', async () => {
    const { headers } = await console.ask('GET', 'session', { headers: { origin: 'https://evil.example' } });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  });
});

describe('a body', () => {
  it('that is too large is not read to its end', async () => {
    const { statusCode } = await console.ask('POST', 'campaigns', {
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({ campaign: { reason: 'x'.repeat(5_000_000) } }),
    });
    expect(statusCode).toBe(413);
    const login = await console.ask('POST', 'session', {
      headers: nobody,
      body: { token: 'x'.repeat(2_000) },
    });
    expect(login.statusCode).toBe(413);
  });

  it('that is no JSON, or poisons a prototype, is refused', async () => {
    for (const payload of ['{', '{"reason":"a","__proto__":{"x":1}}', '[]', '"x"', 'null']) {
      const answer = await console.ask('POST', ORDER, {
        headers: { 'content-type': 'application/json' },
        payload,
      });
      expect([400, 422]).toContain(answer.statusCode);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
  });

  it('has no list that is longer than a campaign may be, whatever is in it', async () => {
    const many = Array.from({ length: 10_001 }, () => 0);
    for (const [url, body] of [
      ['campaigns/plan', { campaign: { evacuate: { vims: many } } }],
      ['campaigns/plan', { campaign: { items: [], target: { vims: [{ deep: many }] } } }],
      ['campaigns/x/orders/add-items', { reason: 'a', items: many }],
      ['parked/drop', { ids: many }],
    ] as const) {
      const answer = await console.ask('POST', url, { body });
      expect(answer.statusCode).toBe(422);
      expect(answer.json()).toMatchObject({ problems: [{ detail: 'it has more than 10000 entries' }] });
    }
  });

  it('names all that is wrong with it, at its place', async () => {
    const body = { reason: ' ', limits: { total: 0, perVim: 1 }, actor: 'somebody else' };
    const answer = await console.ask('POST', '/api/v1/campaigns/night/orders/set-limits', { body });
    expect(answer.statusCode).toBe(422);
    const { problems } = answer.json<{ problems: { pointer: string }[] }>();
    expect(problems.map(({ pointer }) => pointer).sort()).toEqual([
      '',
      '/limits',
      '/limits/total',
      '/reason',
    ]);
  });

  it('that comes too slowly ends the connection, and disturbs nobody', async () => {
    const slow = await TestConsole.on(NO_TEMPORAL, { log: sink.log });
    slow.app.server.requestTimeout = 300;
    slow.app.server.headersTimeout = 300;
    // Node looks only so often.
    Object.assign(slow.app.server, { connectionsCheckingInterval: 100 });
    await slow.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = slow.app.server.address() as AddressInfo;
    const said = new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('close', () => resolve(text));
      socket.write(
        `POST ${ORDER} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${slow.tokens.operator}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
      );
    });
    const alive = await new Promise<number>((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/livez' }, ({ statusCode }) => resolve(statusCode ?? 0))
        .on('error', reject)
        .end();
    });
    expect(alive).toBe(200);
    expect(await said).toMatch(/^(HTTP\/1\.1 408|$)/);
    await slow.stop();
  });
});

describe('a path', () => {
  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/%00',
    '/assets/main-1.js%00.txt',
    '/.env',
  ])('%s leads to no file outside the pages', async (url) => {
    const { statusCode, body } = await console.ask('GET', url, { headers: nobody });
    expect(body).not.toContain('SECRET');
    expect([200, 400, 404]).toContain(statusCode);
    if (statusCode === 200) expect(body).toContain('<title>page</title>');
  });

  it('of the API that does not exist is a problem, and one of the pages is a page', async () => {
    for (const url of ['/api/v1/nothing', '/api/v2/campaigns', '/codec/encode', '/assets/none.js']) {
      const answer = await console.ask('GET', url);
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
    const script = await console.ask('GET', '/assets/main-1.js', { headers: nobody });
    expect(script).toMatchObject({ statusCode: 200, body: 'export {};' });
    expect(script.headers['cache-control']).toContain('immutable');
    const page = await console.ask('GET', '/campaigns/vnf-campaign%2Fnight', { headers: nobody });
    expect(page).toMatchObject({ statusCode: 200, body: expect.stringContaining('<title>page') as string });
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self';style-src 'self'/);
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
  });

  it('too long, or badly encoded, is refused', async () => {
    for (const url of [`campaigns/${'x'.repeat(4_000)}`, 'campaigns/%zz']) {
      expect([400, 404, 414, 422]).toContain((await console.ask('GET', url)).statusCode);
    }
  });
});

describe('the log', () => {
  it('has no token, no cookie, no query and no body', async () => {
    const canary = 'canary-of-a-reason';
    await console.ask('POST', ORDER, { body: { reason: canary } });
    await console.ask('GET', 'session?token=canary-of-a-query');
    await console.ask('POST', 'session', { headers: nobody, body: { token: 'canary-of-a-token' } });
    await console.ask('GET', 'session', { headers: { ...nobody, cookie: 'vnf_console=canary-of-a-cookie' } });
    expect(sink.text()).toContain('answered a request');
    expect(sink.text()).not.toMatch(/canary|vnfc_/);
  });

  it('has who gave an order', async () => {
    await console.ask('POST', ORDER, { body: REASON });
    expect(sink.text()).toMatch(/"actor":"olga"/);
  });
});

describe('Temporal that is away', () => {
  it('is told as a problem, without its address or a stack', async () => {
    const answer = await console.ask('GET', 'campaigns');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ type: 'urn:vnf-migrator:problem:unavailable' });
    expect(answer.body).not.toMatch(/at .*\.[jt]s:|node_modules/);
  });
});
