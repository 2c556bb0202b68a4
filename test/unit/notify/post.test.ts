/** What is posted, as the public libraries of both formats read it, and what answers mean. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { postEvent } from '../../../src/notify/post.js';
import { Receiver } from '../../../src/notify/receiver.js';
import {
  campaignEventSchema,
  type CampaignEvent,
  type DeliveryProblem,
} from '../../../src/shared/notify/contract.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const EVENT: CampaignEvent = {
  id: 'a3c8-17',
  type: 'item-failed',
  atMs: Date.UTC(2026, 10, 28, 2),
  data: {
    campaign: 'empty-athens',
    state: 'RUNNING',
    counts: { FAILED: 1 },
    message: 'VNF „fw-1“\n is lost',
  },
};

interface Received {
  request: IncomingMessage;
  body: string;
}

let received: Received[];
let answer: RequestListener;
const server: Server = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ request, body });
    answer(request, response);
  });
});
const address = once(server.listen(0, '127.0.0.1'), 'listening').then(
  () => `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
);

beforeEach(() => {
  received = [];
  answer = (_, response) => response.writeHead(204).end();
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function post({
  path = '/hook',
  user = '',
  event = EVENT,
  timeoutMs = 5_000,
}: {
  path?: string;
  user?: string;
  event?: CampaignEvent;
  timeoutMs?: number;
} = {}): Promise<DeliveryProblem | null> {
  const receiver = new Receiver({ url: `http://${user}${await address}${path}`, secret: SECRET });
  const message = { campaignId: 'vnf-campaign/empty athens', event };
  return await postEvent({ receiver, message, timeoutMs, signal: new AbortController().signal });
}

const verify = ({ request, body }: Received): unknown =>
  new Webhook(SECRET).verify(body, request.headers as Record<string, string>);

describe('an event', () => {
  it('is posted as a CloudEvent, signed', async () => {
    expect(await post()).toBeNull();
    const [first] = received;
    expect(first!.request).toMatchObject({ method: 'POST', url: '/hook' });
    expect(first!.request.headers['content-type']).toMatch(/^application\/cloudevents\+json(;|$)/);
    expect(first!.request.headers['webhook-id']).toBe(EVENT.id);
    verify(first!);
    const event = HTTP.toEvent({ headers: first!.request.headers, body: first!.body });
    expect(event).toBeInstanceOf(CloudEvent);
    expect((event as CloudEvent).validate()).toBe(true);
    expect(event).toMatchObject({
      specversion: '1.0',
      id: EVENT.id,
      type: 'vnf-migrator.campaign.item-failed.v1',
      source: '/campaigns/vnf-campaign/empty%20athens',
      subject: 'empty-athens',
      time: '2026-11-28T02:00:00.000Z',
      data: EVENT.data,
    });
  });

  it('has a signature that no other body has', async () => {
    await post();
    const [first] = received;
    const changed = { ...first!, body: first!.body.replace('fw-1', 'fw-2') };
    expect(() => verify(changed)).toThrow(WebhookVerificationError);
  });

  it('is the same at every try, but for the time of the try', async () => {
    await post();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await post();
    const [first, second] = received;
    expect(second!.body).toBe(first!.body);
    const stamps = received.map(({ request }) => Number(request.headers['webhook-timestamp']));
    expect(stamps[1]! - stamps[0]!).toBeGreaterThanOrEqual(1);
    received.forEach(verify);
  });

  it('goes to an address with a query and credentials', async () => {
    expect(await post({ path: '/hook?room=7', user: 'ops:p%40ss@' })).toBeNull();
    const [{ request }] = received as [Received];
    expect(request.url).toBe('/hook?room=7');
    expect(request.headers.authorization).toBe(`Basic ${Buffer.from('ops:p@ss').toString('base64')}`);
  });

  it.each([{ id: 'with.stop' }, { id: '' }, { type: 'Ended' }, { data: {} }, { atMs: 1.5 }])(
    'is none with %j',
    (wrong) => {
      expect(campaignEventSchema().safeParse(EVENT).success).toBe(true);
      expect(campaignEventSchema().safeParse({ ...EVENT, ...wrong }).success).toBe(false);
    },
  );
});

describe('an answer', () => {
  it.each([200, 201, 202, 299])('of %i is a delivery', async (status) => {
    answer = (_, response) => response.writeHead(status).end('whatever');
    expect(await post()).toBeNull();
  });

  it('of 200 is a delivery, although its body never ends', async () => {
    answer = (_, response) => response.writeHead(200).write('…');
    expect(await post()).toBeNull();
  });

  it.each([301, 302, 303, 307, 308])('of %i is not followed', async (status) => {
    answer = ({ url }, response) =>
      response.writeHead(url === '/hook' ? status : 200, { location: '/else' }).end();
    expect(await post()).toMatchObject({
      kind: 'refused',
      reason: `${await address} answered HTTP ${String(status)}: redirects are not followed`,
    });
    expect(received).toHaveLength(1);
  });

  it('of 410 says that the receiver is gone', async () => {
    answer = (_, response) => response.writeHead(410).end();
    expect(await post()).toMatchObject({ kind: 'gone' });
  });

  it('of 500 is quoted, shortly and harmlessly', async () => {
    answer = (_, response) => response.writeHead(500).end(`no\u001b[2J\nroom ${'x'.repeat(10_000_000)}`);
    const problem = await post();
    expect(problem).toMatchObject({ kind: 'refused', retryAfterMs: null });
    expect(problem!.reason).toMatch(/answered HTTP 500: no\\u001b\[2J room x+…$/);
    expect(problem!.reason.length).toBeLessThan(250);
  });

  it('is quoted without what is secret', async () => {
    const path = '/hooks/canary-path?token=canary-token';
    answer = ({ url, headers }, response) =>
      response
        .writeHead(404)
        .end(
          `Cannot POST ${String(url)} with ${String(headers.authorization)}, canary@word, ${SECRET}, canary-token`,
        );
    const problem = await post({ path, user: 'canary-user:canary%40word@' });
    expect(problem!.reason).toMatch(/Cannot POST .* with Basic/);
    expect(problem!.reason).not.toMatch(/canary|Y2FuYXJ5|MfKQ9r8/);
  });

  it.each([
    ['90', 90_000],
    ['0', 0],
    ['999999999', 86_400_000],
    ['soon', null],
    ['-1', null],
  ])('may ask for a pause: %s', async (header, retryAfterMs) => {
    answer = (_, response) => response.writeHead(503, { 'retry-after': header }).end();
    const kind = retryAfterMs === null ? 'refused' : 'unreachable';
    expect(await post()).toMatchObject({ kind, retryAfterMs });
  });

  it('may ask for a pause until a time', async () => {
    const until = new Date(Date.now() + 60_000).toUTCString();
    answer = (_, response) => response.writeHead(429, { 'retry-after': until }).end();
    const { retryAfterMs } = (await post())!;
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});

describe('a try ends in time', () => {
  const LATE = /no whole answer within 200 ms$/;

  it('without an answer', async () => {
    answer = () => undefined;
    expect(await post({ timeoutMs: 200 })).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringMatching(LATE) as string,
    });
  });

  it('with an answer whose head drips', async () => {
    answer = (_, { socket }) => {
      socket!.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket!.write('x: y\r\n'), 20);
      socket!.once('close', () => clearInterval(drip));
    };
    expect(await post({ timeoutMs: 200 })).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringMatching(LATE) as string,
    });
  });

  it('with a failure whose body drips', async () => {
    answer = (_, response) => {
      response.writeHead(500);
      const drip = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(drip));
    };
    const startedAt = Date.now();
    expect(await post({ timeoutMs: 200 })).toMatchObject({ kind: 'refused' });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });

  it('where nobody listens', async () => {
    const receiver = new Receiver({ url: 'http://canary:canary@127.0.0.1:2/canary', secret: SECRET });
    const problem = await postEvent({
      ...{ receiver, timeoutMs: 5_000, signal: new AbortController().signal },
      message: { campaignId: 'c', event: EVENT },
    });
    expect(problem).toEqual({
      kind: 'unreachable',
      reason: expect.stringContaining('ECONNREFUSED') as string,
      retryAfterMs: null,
    });
    expect(problem!.reason).not.toMatch(/canary/);
  });

  it('by a connection that is cut', async () => {
    answer = ({ socket }) => socket.destroy();
    expect(await post()).toMatchObject({ kind: 'unreachable' });
  });
});
