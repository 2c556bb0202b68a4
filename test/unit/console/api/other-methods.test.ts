import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemBody } from '../../../../src/console/problem.js';
import { TestConsole } from '../../../support/console.js';

let console: TestConsole;

beforeAll(async () => {
  console = await TestConsole.on({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
});
afterAll(() => console.stop());

describe('a path that is there', () => {
  it.each([
    ['PATCH', '/api/v1/session', 'DELETE, GET, HEAD, POST'],
    ['QUERY', '/api/v1/campaigns/night', 'GET, HEAD'],
    ['TRACE', '/api/v1/campaigns/night/orders/pause', 'POST'],
    ['POST', '/readyz?now', 'GET, HEAD'],
  ])('does not take %s: %s', async (method, url, allow) => {
    const answer = await console.ask(method as 'GET', url);
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe(allow);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json<ProblemBody>().type).toBe('urn:vnf-migrator:problem:method');
  });

  it.each([
    ['PATCH', '/api/v1/nothing'],
    ['DELETE', '/api/v1/campaigns/night/items/1'],
  ])('is not: %s %s', async (method, url) => {
    expect((await console.ask(method as 'GET', url)).statusCode).toBe(404);
  });
});
