import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemBody } from '../../../src/console/problem.js';
import { TestConsole } from '../../support/console.js';

let console: TestConsole;

beforeAll(async () => {
  console = await TestConsole.on({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
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
