/** A callback is not lost if Temporal or the Gatekeeper is away when it arrives. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { callbackUrlOf } from '../../../src/gatekeeper/callback-url.js';
import type { Asked } from '../../../src/gatekeeper/client.js';
import { serveCallbacks, type CallbackServer } from '../../../src/listener/callback-server.js';
import type { Signalled } from '../../../src/listener/signal-workflow.js';
import { makeCorrelationId } from '../../../src/shared/correlation-id.js';
import { logSink } from '../../support/log-sink.js';

const deployment = 'd';
const correlationId = makeCorrelationId({ deployment, workflowId: 'w', nonce: '0123456789abcdef' });
const request = { id: 'r-1', status: 'READY', callback: callbackUrlOf('http://ours', correlationId) };

let server: CallbackServer | null = null;
afterEach(async () => server?.stop());

interface Away {
  /** What the Gatekeeper, or Temporal, answers first. */
  asked?: Asked[];
  signalled?: Signalled[];
}

async function serve({ asked = [], signalled = [] }: Away) {
  const signals: string[] = [];
  server = await serveCallbacks({
    address: { host: '127.0.0.1', port: 0 },
    deployment,
    gatekeeper: {
      post: () => Promise.reject(new Error('nothing is posted here')),
      listVims: () => Promise.resolve({ kind: 'unavailable', reason: 'not part of this test' }),
      get: () => Promise.resolve(asked.shift() ?? { kind: 'found', request }),
    },
    signalWorkflow: ({ reply }) => {
      const answer = signalled.shift() ?? { kind: 'accepted' };
      if (answer.kind === 'accepted') signals.push(reply.status);
      return Promise.resolve(answer);
    },
    log: logSink().log,
  });
  const response = await fetch(callbackUrlOf(server.url, correlationId), {
    method: 'POST',
    body: JSON.stringify(request),
  });
  return { status: response.status, signals };
}

describe('a callback', () => {
  it('is signalled before it is answered', async () => {
    expect(await serve({})).toEqual({ status: 204, signals: ['READY'] });
  });

  it.each<[string, Away]>([
    ['Temporal is away', { signalled: [{ kind: 'later', reason: 'away' }] }],
    ['the Gatekeeper cannot be read', { asked: [{ kind: 'unreadable', reason: 'HTTP 502' }] }],
    [
      'the Gatekeeper has not stored it yet',
      { asked: [{ kind: 'found', request: { ...request, status: 'NEW' } }] },
    ],
  ])('is kept while %s, and signalled once', async (_, away) => {
    const { status, signals } = await serve(away);
    expect(status).toBe(202);
    await vi.waitFor(() => expect(signals).toEqual(['READY']), { timeout: 10_000 });
  });

  it.each([
    ['serves no address', { ...request, callback: undefined }],
    ['serves another address', { ...request, callback: callbackUrlOf('http://ours', `${correlationId}0`) }],
  ])('is refused for a request of which the Gatekeeper %s', async (_, served) => {
    const { status, signals } = await serve({ asked: [{ kind: 'found', request: served }] });
    expect({ status, signals }).toEqual({ status: 404, signals: [] });
  });

  it('in hand is tried once more before the server stops', async () => {
    const { signals } = await serve({ signalled: [{ kind: 'later', reason: 'away' }] });
    await server?.stop();
    expect(signals).toEqual(['READY']);
  });
});
