import { describe, expect, test } from 'vitest';
import { type RepositoryClient, RepositoryUnavailable } from '../../../src/repository/client.js';
import { inventoryOfVim, orphansOnVim } from '../../../src/repository/inventory.js';
import { nsrSchema, vnfrSchema, type Nsr, type Vnfr } from '../../../src/repository/schema.js';
import { readServiceSnapshot } from '../../../src/repository/snapshot.js';

const REQUEST = { serviceInstanceUuid: 's1', vnfUuid: 'v1', vimUuid: 'vim-b' };

function nsr(id: string, vnfs: string[]): Nsr {
  return nsrSchema.parse({ uuid: id, network_functions: vnfs.map((vnf) => ({ vnfr_id: vnf })) });
}

function vnfr(id: string, vim: string, more: Record<string, unknown> = {}): Vnfr {
  return vnfrSchema.parse({
    uuid: id,
    status: 'normal operation',
    descriptor_reference: 'fw',
    virtual_deployment_units: [{ vnfc_instance: [{ vim_id: vim }] }],
    ...more,
  });
}

interface Records {
  nsrs: Nsr[];
  vnfrs: Vnfr[];
}

/** A repository in memory. `on` runs before each read, so that a test can change the records meanwhile. */
function clientOf(records: Records, on: (call: string) => void = () => undefined) {
  const calls: string[] = [];
  const told = (call: string): void => {
    calls.push(call);
    on(call);
  };
  const find = <T extends { id: string }>(rows: T[], id: string) => {
    const value = rows.find((row) => row.id === id);
    return value === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'found', value } as const);
  };
  const client: RepositoryClient = {
    nsr: (id) => (told(`nsr ${id}`), Promise.resolve(find(records.nsrs, id))),
    vnfr: (id) => (told(`vnfr ${id}`), Promise.resolve(find(records.vnfrs, id))),
    nsrs: () => (told('nsrs'), Promise.resolve([...records.nsrs])),
    vnfrs: () => (told('vnfrs'), Promise.resolve([...records.vnfrs])),
  };
  return { client, calls };
}

async function snapshotOf(records: Records, more: { descriptorReference?: string } = {}) {
  const reading = await readServiceSnapshot(clientOf(records).client, { ...REQUEST, ...more });
  if (reading.kind !== 'read') throw new Error(reading.kind);
  return reading.snapshot;
}

describe('readServiceSnapshot', () => {
  test('the list of services is read only if there is a candidate', async () => {
    const { client, calls } = clientOf({ nsrs: [nsr('s1', ['v1'])], vnfrs: [vnfr('v1', 'vim-a')] });
    await readServiceSnapshot(client, REQUEST);
    expect(calls).toEqual(['nsr s1', 'vnfr v1', 'vnfrs', 'nsr s1']);
  });

  test('a copy that no service lists is found; what cannot be one is left out', async () => {
    const snapshot = await snapshotOf({
      nsrs: [nsr('s1', ['v1']), nsr('s2', ['of-another-service'])],
      vnfrs: [
        vnfr('v1', 'vim-a'),
        vnfr('copy', 'vim-b'),
        vnfr('nameless', 'vim-b', { descriptor_reference: null }),
        vnfr('of-another-service', 'vim-b'),
        vnfr('elsewhere', 'vim-c'),
        vnfr('of-another-kind', 'vim-b', { descriptor_reference: 'dpi' }),
        vnfr('dead', 'vim-b', { status: 'terminated' }),
      ],
    });
    expect(snapshot.siblings.map((vnf) => vnf.vnfUuid)).toEqual(['copy', 'nameless']);
  });

  test('what another service has just been given is no copy of ours; what our networks hold is', async () => {
    const OURS = '11000b22-4625-548a-b27c-3d42ea669e6c';
    const OTHERS = 'eb0084b5-6e89-5218-95c3-75368dfd02b5';
    const linkedTo = (service: string) => ({ virtual_links: [{ id: `${service}_ns_mgmt` }] });
    const records = {
      nsrs: [nsr(OURS, ['v1'])],
      vnfrs: [
        vnfr('v1', 'vim-a', linkedTo(OURS)),
        vnfr('ours', 'vim-b', linkedTo(OURS)),
        vnfr('being-migrated-for-another', 'vim-b', linkedTo(OTHERS)),
      ],
    };
    const { client } = clientOf(records);
    const reading = await readServiceSnapshot(client, { ...REQUEST, serviceInstanceUuid: OURS });
    expect(reading.kind === 'read' && reading.snapshot.siblings.map((vnf) => vnf.vnfUuid)).toEqual(['ours']);
  });

  test('a copy is found although the record of the VNF is gone, if the descriptor is known', async () => {
    const records = { nsrs: [nsr('s1', [])], vnfrs: [vnfr('copy', 'vim-b')] };
    expect((await snapshotOf(records)).siblings).toEqual([]);
    const { vnf, siblings } = await snapshotOf(records, { descriptorReference: 'fw' });
    expect(vnf).toBeNull();
    expect(siblings).toHaveLength(1);
  });

  test('an NSR that is absent alone and in the list: no such service', async () => {
    const reading = await readServiceSnapshot(clientOf({ nsrs: [], vnfrs: [] }).client, REQUEST);
    expect(reading).toEqual({ kind: 'no-such-service' });
  });

  const initial = (): Records => ({
    nsrs: [nsr('s1', ['v1'])],
    vnfrs: [vnfr('v1', 'vim-a'), vnfr('copy', 'vim-b')],
  });
  const changes: [string, string, (records: Records) => void][] = [
    ['the NSR is replaced just then (404), and is back', 'nsrs', (r) => r.nsrs.push(nsr('s1', ['v1']))],
    ['the VNF is terminated', 'vnfrs', (r) => (r.vnfrs[0] = vnfr('v1', 'vim-a', { status: 'terminated' }))],
    ['the record of the VNF is deleted', 'vnfrs', (r) => r.vnfrs.shift()],
    ['the NSR takes up the new VNF', 'nsrs', (r) => (r.nsrs[0] = nsr('s1', ['copy']))],
    ['the service is deleted', 'nsrs', (r) => r.nsrs.shift()],
  ];
  test.each(changes)(
    'facts that do not belong together are not an answer: %s',
    async (name, when, change) => {
      const records = initial();
      if (name.includes('404')) records.nsrs = [];
      const { client } = clientOf(records, (call) => {
        if (call === when) change(records);
      });
      const read = readServiceSnapshot(client, REQUEST);
      await expect(read).rejects.toThrow(/changed while it was read/);
      await expect(read).rejects.toSatisfy((error) => (error as RepositoryUnavailable).retryable);
    },
  );

  test('a snapshot that would not be small is refused', async () => {
    const vnfrs = Array.from({ length: 1_001 }, (_, index) => vnfr(`copy-${index}`, 'vim-b'));
    await expect(
      snapshotOf({ nsrs: [nsr('s1', ['v1'])], vnfrs: [vnfr('v1', 'vim-a'), ...vnfrs] }),
    ).rejects.toBeInstanceOf(RepositoryUnavailable);
  });
});

describe('the inventory of a VIM', () => {
  const lists = {
    nsrs: [nsr('s1', ['v1', 'v2', 'gone', 'v1']), nsr('s2', ['v3', 'dead', 'v1'])],
    vnfrs: [
      vnfr('v1', 'vim-a'),
      vnfr('v2', 'vim-b'),
      vnfr('v3', 'vim-b', { cloudnative_deployment_units: [{ vim_id: 'vim-a' }] }),
      vnfr('dead', 'vim-a', { status: 'terminated' }),
      vnfr('orphan', 'vim-a'),
      vnfr('dead-orphan', 'vim-a', { status: 'terminated' }),
      vnfr('orphan-elsewhere', 'vim-b'),
    ],
  };

  test('every living VNF with a unit there, by its services; nothing is dropped', () => {
    const { vnfs, orphans, withoutRecord } = inventoryOfVim({ ...lists, vimUuid: 'vim-a' });
    expect(vnfs.map((vnf) => [vnf.serviceInstanceUuid, vnf.vnfUuid, vnf.vimUuids])).toEqual([
      ['s1', 'v1', ['vim-a']],
      ['s2', 'v3', ['vim-b', 'vim-a']],
      ['s2', 'v1', ['vim-a']],
    ]);
    expect(orphans.map((vnf) => vnf.vnfUuid)).toEqual(['orphan']);
    expect(withoutRecord).toEqual([{ serviceInstanceUuid: 's1', vnfUuid: 'gone' }]);
  });

  test('orphans are living VNFs that no service lists', () => {
    expect(orphansOnVim({ ...lists, vimUuid: 'vim-b' }).map((vnf) => vnf.vnfUuid)).toEqual([
      'orphan-elsewhere',
    ]);
    expect(orphansOnVim({ ...lists, vimUuid: 'vim-z' })).toEqual([]);
  });
});
