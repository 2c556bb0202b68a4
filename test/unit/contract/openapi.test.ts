/**
 * The description of the console's API: it is one of OpenAPI 3.1, and callers of the recorded one go on.
 *
 * The recording is of version 0.2.0. It is made anew where its file is deleted: before a release, or for a version that
 * breaks with it on purpose.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breaks, recordingOf, type Api } from '../../support/api-compatibility.js';
import { TestConsole } from '../../support/console.js';

const RECORDING = fileURLToPath(new URL('./openapi-0.2.0.json', import.meta.url));

let console: TestConsole;
let api: Api & { openapi: string; info: { version: string } };

beforeAll(async () => {
  console = await TestConsole.on({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
  api = await console.get('openapi.json');
});

afterAll(() => console.stop());

describe('the description of the API', () => {
  it('is of OpenAPI 3.1, and has an operation for each order', () => {
    expect(api.openapi).toBe('3.1.0');
    const orders = Object.keys(api.paths).filter((path) => path.includes('/orders/'));
    expect(orders).toHaveLength(12);
  });

  it('names a problem for whatever may go wrong', () => {
    for (const operations of Object.values(api.paths)) {
      for (const { responses } of Object.values(operations)) {
        for (const status of ['400', '401', '403', '422', '429', '500', '503'])
          expect(Object.keys(responses[status]?.content ?? {})).toEqual(['application/problem+json']);
      }
    }
  });

  it('breaks no caller of the recorded one', () => {
    if (!existsSync(RECORDING)) writeFileSync(RECORDING, `${JSON.stringify(recordingOf(api), null, 1)}\n`);
    const recorded = JSON.parse(readFileSync(RECORDING, 'utf8')) as Api;
    expect(breaks(recorded, api)).toEqual([]);
  });
});

describe('a change', () => {
  const copy = (): Api => structuredClone(api);

  it.each<[string, (changed: Api) => void, RegExp]>([
    ['takes a route away', ({ paths }) => delete paths['/api/v1/vims'], /get \/api\/v1\/vims: is gone/],
    [
      'asks for another field',
      ({ paths }) => requiredIn(paths['/api/v1/campaigns']!['post']!.requestBody).push('name'),
      /request\/name is required/,
    ],
    [
      'tells a field no more',
      ({ paths }) => delete propertiesIn(paths['/api/v1/session']!['get']!.responses['200'])['role'],
      /200\/role is gone/,
    ],
    [
      'takes an order by another name',
      ({ paths }) => {
        delete paths['/api/v1/campaigns/{id}/orders/pause'];
      },
      /orders\/pause: is gone/,
    ],
  ])('that %s is found', (_what, change, expected) => {
    const changed = copy();
    change(changed);
    expect(breaks(api, changed).join('\n')).toMatch(expected);
    expect(breaks(api, copy())).toEqual([]);
  });
});

interface WithSchema {
  content?: Record<string, { schema: Record<string, unknown> }>;
}

function schemaIn(part: WithSchema | undefined): Record<string, unknown> {
  return part!.content!['application/json']!.schema;
}

function requiredIn(part: WithSchema | undefined): string[] {
  return schemaIn(part)['required'] as string[];
}

function propertiesIn(part: WithSchema | undefined): Record<string, unknown> {
  return schemaIn(part)['properties'] as Record<string, unknown>;
}
