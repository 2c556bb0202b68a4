import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemBody } from '../../../src/console/problem.js';
import { TestConsole } from '../../support/console.js';

let console: TestConsole;

beforeAll(async () => {
  console = await TestConsole.on({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
  await console.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => console.stop());

describe('a path that cannot be read', () => {
  it.each(['%zz', '%C3%28', 'a'.repeat(3_001)])(
    'is a problem, as every answer that is no success: %s',
    async (id) => {
      const answer = await console.ask('GET', `campaigns/${id}`);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.json<ProblemBody>()).toMatchObject({
        type: 'urn:vnf-migrator:problem:malformed',
        status: 400,
      });
      expect(answer.statusCode).toBe(400);
    },
  );
});

describe('what is no request', () => {
  it.each([
    ['whose path is too long', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 'too-large', 413],
    ['of no HTTP', 'HELLO\r\n\r\n', 'malformed', 400],
  ])('is answered with a problem: one %s', async (_what, sent, code, status) => {
    const { port } = console.app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(sent);
    const answer = await text(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*content-type: application/problem`, 'i'));
    const [, body = ''] = answer.split('\r\n\r\n');
    expect(JSON.parse(body)).toMatchObject({ type: `urn:vnf-migrator:problem:${code}`, status });
  });
});
