import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpServer } from '../../../src/simulator/http.js';
import type { RepositoryState } from '../../../src/simulator/request-checks.js';
import { serveRepository } from '../../../src/simulator/repository.js';
import { generateWorld } from '../../../src/simulator/world-spec.js';
import { World } from '../../../src/simulator/world.js';

const SPEC = generateWorld({ services: 12, seed: 'repository' });
const SERVICE = SPEC.services[0]!;
const VNF = SERVICE.vnfs[0]!.vnfUuid;

interface Row {
  uuid: string;
  status: string;
  network_functions: { vnfr_id: string }[];
}

describe('the repository', () => {
  let world: World;
  let server: HttpServer;
  let state: RepositoryState;

  beforeEach(async () => {
    state = 'up';
    world = new World();
    world.apply({ change: 'added', spec: SPEC }, 1_000);
    server = await serveRepository({ world, state: () => state, port: 0, host: '127.0.0.1' });
  });
  afterEach(() => server.close());

  const get = (path: string): Promise<Response> => fetch(`${server.url}/records/${path}`);
  const rows = async (path: string): Promise<Row[]> => (await (await get(path)).json()) as Row[];

  it('calls an id uuid, and JSON text/html', async () => {
    const answer = await get(`vnfr/vnf-instances/${VNF}`);
    expect(answer.headers.get('content-type')).toBe('text/html;charset=utf-8');
    const vnfr = (await answer.json()) as Record<string, unknown>;
    expect(vnfr).toMatchObject({
      uuid: VNF,
      status: 'normal operation',
      created_at: '1970-01-01T00:00:01.000Z',
    });
    expect(vnfr).not.toHaveProperty('id');
    const nsr = (await (await get(`nsr/ns-instances/${SERVICE.serviceInstanceUuid}`)).json()) as Row;
    expect(nsr.network_functions[0]).toEqual({ vnfr_id: VNF });
  });

  it.each([
    'nsr/ns-instances/none',
    'vnfr/vnf-instances/none',
    'vnfr/elsewhere',
    `vnfr/vnf-instances/${VNF}/x`,
  ])('knows nothing of %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it('gives page 1 of the services whatever page is asked for', async () => {
    const first = await rows('nsr/ns-instances?page_size=5&page_number=1');
    expect(first).toHaveLength(5);
    expect(await rows('nsr/ns-instances?page_size=5&page_number=2')).toEqual(first);
    expect(await rows('nsr/ns-instances')).toHaveLength(10);
    expect(await rows('nsr/ns-instances?page_size=100')).toHaveLength(12);
  });

  it('gives the pages of the VNFs from 1, ten rows each', async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((n) => rows(`vnfr/vnf-instances?page_number=${n}`)));
    expect(pages.map((page) => page.length)).toEqual([10, 10, 4, 0]);
    expect(new Set(pages.flat().map(({ uuid }) => uuid)).size).toBe(24);
    expect(await rows('vnfr/vnf-instances?page_number=0')).toEqual(pages[0]);
    expect(await rows('vnfr/vnf-instances')).toEqual(pages[0]);
    expect(await rows('vnfr/vnf-instances?page_size=0')).toHaveLength(2);
  });

  it('lists the newest first, and what was changed is new', async () => {
    const vimUuid = SPEC.vims[1]!;
    const move = {
      serviceInstanceUuid: SERVICE.serviceInstanceUuid,
      vnfUuid: VNF,
      newVnfUuid: 'new',
      vimUuid,
    };
    for (const change of ['deployed', 'recorded', 'removed', 'nsr-updated'] as const) {
      world.apply({ change, move }, 2_000);
    }
    const vnfs = await rows('vnfr/vnf-instances?page_size=2');
    expect(vnfs.map(({ uuid, status }) => [uuid, status])).toEqual([
      [VNF, 'terminated'],
      ['new', 'normal operation'],
    ]);
    const [nsr] = await rows('nsr/ns-instances?page_size=1');
    expect(nsr!.uuid).toBe(SERVICE.serviceInstanceUuid);
    expect(nsr!.network_functions.map(({ vnfr_id }) => vnfr_id)).toEqual([SERVICE.vnfs[1]!.vnfUuid, 'new']);
  });

  it('refuses parameters it does not know', async () => {
    expect((await get('nsr/ns-instances?page=1')).status).toBe(400);
  });

  it('fails in the ways it is told', async () => {
    state = '500';
    expect((await get('nsr/ns-instances')).status).toBe(500);
    state = 'html';
    expect(await (await get('nsr/ns-instances')).text()).toMatch(/^<html>/);
    state = 'down';
    await expect(get('nsr/ns-instances')).rejects.toThrow('fetch failed');
    state = 'hangs';
    const hung = fetch(`${server.url}/records/nsr/ns-instances`, { signal: AbortSignal.timeout(300) });
    await expect(hung).rejects.toThrow(/timeout/);
  });
});
