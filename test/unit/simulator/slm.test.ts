import { load, YAML11_SCHEMA } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../src/simulator/ledger.js';
import type { RuleInput } from '../../../src/simulator/rules.js';
import { generateWorld } from '../../../src/simulator/world-spec.js';
import { World } from '../../../src/simulator/world.js';
import { SlmOnATable } from '../../support/slm-on-a-table.js';

const WORLD = generateWorld({ services: 2, seed: 'slm' });
const [SERVICE, OTHER] = WORLD.services as [(typeof WORLD.services)[0], (typeof WORLD.services)[0]];
const [SOURCE, TARGET] = WORLD.vims as [string, string];
const VNF = SERVICE.vnfs[0]!.vnfUuid;

const TASK = { service_instance_uuid: SERVICE.serviceInstanceUuid, vnf_uuid: VNF, vim_uuid: TARGET };
const OTHER_TASK = {
  service_instance_uuid: OTHER.serviceInstanceUuid,
  vnf_uuid: OTHER.vnfs[0]!.vnfUuid,
  vim_uuid: TARGET,
};
const PROBE = { service_instance_uuid: SERVICE.serviceInstanceUuid };

const TIMINGS = { ackDelayMs: 10, migrationMs: { min: 1_000, max: 1_000 }, lockReleaseMs: 20 };
const MOVED_MS = 1_010;

function table(...rules: RuleInput[]): SlmOnATable {
  return new SlmOnATable({ world: WORLD, rules, timings: TIMINGS });
}

/** What was said so far, as "correlation id: status or error @ time". */
function said({ sent }: SlmOnATable): string[] {
  return sent.map(({ properties, body, atMs }) => {
    const { status, error } = load(body, { schema: YAML11_SCHEMA }) as { status: string; error: unknown };
    return `${properties.correlationId ?? ''}: ${JSON.stringify(error ?? status)} @ ${atMs}`;
  });
}

const READY = (id: string): string => `${id}: "READY" @ ${MOVED_MS}`;
const BUSY = '"Workflow for service still going on, rejected"';

describe('a successful move', () => {
  it('gives the VNF a new id on the target, and keeps the old record as terminated', () => {
    const mano = table();
    mano.ask('a', TASK);
    mano.clock.advance(2_000);
    expect(said(mano)).toEqual(['a: "MIGRATING" @ 10', READY('a')]);
    const { services, terminated, running, orphans } = mano.world.snapshot();
    const [stayed, moved] = services.find((s) => s.serviceInstanceUuid === SERVICE.serviceInstanceUuid)!.vnfs;
    expect(stayed!.vnfUuid).toBe(SERVICE.vnfs[1]!.vnfUuid);
    expect(moved).toMatchObject({ name: 'fw-vnf', vimUuids: [TARGET], status: 'normal operation' });
    expect(moved!.vnfUuid).not.toBe(VNF);
    expect(terminated).toMatchObject([{ vnfUuid: VNF, vimUuids: [SOURCE] }]);
    expect(orphans).toEqual([]);
    expect(running.map((vnf) => vnf.vnfUuid)).toContain(moved!.vnfUuid);
    expect(running.map((vnf) => vnf.vnfUuid)).not.toContain(VNF);
  });

  it('can be followed by another one with the new id', () => {
    const mano = table();
    mano.ask('a', TASK);
    mano.clock.advance(2_000);
    const newId = entriesOf(mano.ledger.entries(), 'reply').at(-1)!.newVnfUuid!;
    mano.ask('b', { ...TASK, vnf_uuid: newId, vim_uuid: SOURCE });
    mano.clock.advance(2_000);
    expect(said(mano).at(-1)).toMatch(/^b: "READY"/);
    expect(mano.world.snapshot().running).toHaveLength(4);
  });

  it('leaves the service busy for a moment after READY', () => {
    const mano = table();
    mano.ask('a', TASK);
    mano.clock.advance(MOVED_MS);
    mano.ask('now', PROBE);
    mano.clock.advance(30);
    mano.ask('later', PROBE);
    mano.clock.advance(30);
    expect(said(mano).slice(2)).toEqual(['now: ' + BUSY + ' @ 1020', 'later: "Missing vim uuid" @ 1050']);
  });

  it('moves every unit, although it looks at the first one only', () => {
    const vnfs = [{ vnfUuid: 'vnf', vimUuids: ['a', 'b'], kind: 'cloudnative' as const }];
    const mano = new SlmOnATable({
      world: { services: [{ serviceInstanceUuid: 's', vnfs }] },
      timings: TIMINGS,
    });
    mano.ask('there', { service_instance_uuid: 's', vnf_uuid: 'vnf', vim_uuid: 'a' });
    mano.ask('away', { service_instance_uuid: 's', vnf_uuid: 'vnf', vim_uuid: 'b' });
    mano.clock.advance(2_000);
    expect(said(mano)[0]).toMatch(/already deployed on this vim/);
    expect(mano.world.snapshot().services[0]!.vnfs).toMatchObject([
      { kind: 'cloudnative', vimUuids: ['b', 'b'] },
    ]);
  });
});

describe('requests', () => {
  it('are handled one after another', () => {
    const mano = table();
    mano.ask('a', TASK);
    mano.ask('b', OTHER_TASK);
    mano.ask('c', {});
    mano.clock.advance(100);
    expect(said(mano).map((reply) => reply.split(' @ ')[1])).toEqual(['10', '20', '30']);
  });

  it('with ids that Python cannot use are met with silence, and lock nothing', () => {
    const mano = table();
    mano.ask('a', { ...TASK, service_instance_uuid: {} });
    mano.ask('b', { ...TASK, vnf_uuid: null });
    mano.ask('c', { ...TASK, service_instance_uuid: 7 });
    mano.ask('d', { service_instance_uuid: ['a'] });
    mano.ask('e', PROBE);
    mano.clock.advance(100);
    expect(said(mano)).toEqual(['e: "Missing vim uuid" @ 50']);
  });

  it.each([
    ['two documents', 'a: 1\n---\nb: 2\n', 'silence'],
    ['a key that is there twice', 'service_instance_uuid: a\nservice_instance_uuid: b\n', 'rejected'],
    ['a BOM', '\ufeff{}', 'rejected'],
    ['a date', '2020-01-01', 'rejected'],
  ])('with %s are read as PyYAML reads them', (_, body, decision) => {
    const mano = table();
    mano.receive({ routingKey: 'service.instance.migrate', correlationId: 'a', body: Buffer.from(body) });
    mano.clock.advance(100);
    expect(entriesOf(mano.ledger.entries(), 'decision')).toMatchObject([{ decision }]);
  });

  it('are in the ledger by kind before they are handled', () => {
    const mano = table();
    mano.ask('a', TASK);
    mano.ask('b', PROBE);
    mano.ask('c', {});
    mano.ask('d', { vnf_uuid: VNF });
    expect(entriesOf(mano.ledger.entries(), 'request')).toMatchObject([
      { requestNumber: 1, kind: 'migration', correlationId: 'a', vnfUuid: VNF, vimUuid: TARGET },
      { requestNumber: 2, kind: 'probe', correlationId: 'b', vnfUuid: null },
      { requestNumber: 3, kind: 'ping', correlationId: 'c' },
      { requestNumber: 4, kind: 'malformed', correlationId: 'd' },
    ]);
    expect(entriesOf(mano.ledger.entries(), 'decision')).toEqual([]);
  });
});

describe('a crash', () => {
  it('forgets what was under way, and leaves what was done', () => {
    const mano = table();
    mano.ask('a', TASK);
    mano.clock.advance(10 + 700);
    mano.crash();
    mano.clock.advance(2_000);
    expect(said(mano)).toEqual(['a: "MIGRATING" @ 10']);
    const { orphans, running, terminated } = mano.world.snapshot();
    expect(orphans).toMatchObject([{ name: 'fw-vnf', vimUuids: [TARGET] }]);
    expect(running.map((vnf) => vnf.vnfUuid)).toContain(VNF);
    expect(terminated).toEqual([]);
    mano.ask('b', PROBE);
    mano.clock.advance(100);
    expect(said(mano).at(-1)).toMatch(/Missing vim uuid/);
  });
});

describe('an injected fault', () => {
  it.each<[RuleInput['behaviour'], string]>([
    ['placement-fails', '"Unable to perform placement." @ 360'],
    ['network-fails', '"infrastructure error on ia_network" @ 460'],
    ['deploy-fails', '"mano.function.deploy" @ 610'],
    ['record-fails', '{"http_code":500,"message":"Internal Server Error"} @ 660'],
    ['removal-fails', '"mano.function.remove" @ 860'],
    ['monitoring-fails', '"Monitoring failed" @ 1010'],
  ])('%s ends with an ERROR', (behaviour, error) => {
    const mano = table({ behaviour });
    mano.ask('a', TASK);
    mano.clock.advance(2_000);
    expect(said(mano)).toEqual(['a: "MIGRATING" @ 10', `a: ${error}`]);
    const topic = behaviour === 'removal-fails' ? 'service.instance.migrate' : 'service.instances.create';
    expect(mano.sent[1]!.topic).toBe(topic);
  });

  it.each<[RuleInput['behaviour'], { records: number; running: number; listed: boolean; locked: boolean }]>([
    ['deploy-fails', { records: 4, running: 4, listed: true, locked: false }],
    ['placement-fails', { records: 4, running: 4, listed: true, locked: true }],
    ['record-fails', { records: 4, running: 5, listed: true, locked: false }],
    ['removal-fails', { records: 5, running: 5, listed: true, locked: false }],
    ['monitoring-fails', { records: 5, running: 4, listed: false, locked: false }],
    ['ia-silent', { records: 4, running: 4, listed: true, locked: true }],
    ['repository-down-after-ack', { records: 4, running: 4, listed: true, locked: true }],
    ['repository-refuses-nsr-update', { records: 5, running: 4, listed: true, locked: true }],
    ['final-lost', { records: 5, running: 4, listed: false, locked: false }],
    ['ack-lost', { records: 5, running: 4, listed: false, locked: false }],
    ['request-lost', { records: 4, running: 4, listed: true, locked: false }],
  ])('%s leaves the world as the real MANO does', (behaviour, left) => {
    const mano = table({ behaviour });
    mano.ask('a', TASK);
    mano.clock.advance(2_000);
    const nsr = mano.world.nsr(SERVICE.serviceInstanceUuid)!;
    expect({
      records: mano.world.storedVnfrs().length,
      running: mano.world.snapshot().running.length,
      listed: nsr.network_functions.some(({ vnfr_id }) => vnfr_id === VNF),
      locked: mano.slm.busyServices().length > 0,
    }).toEqual(left);
  });

  it.each<[RuleInput, string[]]>([
    [{ behaviour: 'request-lost' }, []],
    [{ behaviour: 'ack-lost' }, [READY('a')]],
    [{ behaviour: 'ack-late', delayMs: 1_500 }, [READY('a'), 'a: "MIGRATING" @ 1510']],
    [{ behaviour: 'duplicate-ack' }, ['a: "MIGRATING" @ 10', 'a: "MIGRATING" @ 10', READY('a')]],
    [{ behaviour: 'final-lost' }, ['a: "MIGRATING" @ 10']],
    [{ behaviour: 'final-late', delayMs: 500 }, ['a: "MIGRATING" @ 10', 'a: "READY" @ 1510']],
    [
      { behaviour: 'duplicate-final', copies: 3, delayMs: 100 },
      ['a: "MIGRATING" @ 10', READY('a'), 'a: "READY" @ 1110', 'a: "READY" @ 1210'],
    ],
  ])('%o changes what is said', (rule, replies) => {
    const mano = table(rule);
    mano.ask('a', TASK);
    mano.clock.advance(3_000);
    expect(said(mano)).toEqual(replies);
  });

  it('ack-late holds up nobody else, a hanging repository everybody', () => {
    const late = table({ behaviour: 'ack-late', delayMs: 5_000, nth: 1 });
    const hanging = table({ behaviour: 'repository-hangs', delayMs: 5_000, nth: 1 });
    for (const mano of [late, hanging]) {
      mano.ask('a', TASK);
      mano.ask('b', {});
      mano.clock.advance(6_000);
    }
    expect(said(late)[0]).toMatch(/^b: .* @ 20$/);
    expect(said(hanging)).toEqual(['a: "400" @ 5010', expect.stringMatching(/^b: .* @ 5020$/)]);
  });

  it('may be told in other words', () => {
    const mano = table({ behaviour: 'deploy-fails', error: { http_code: 503, message: 'later' } });
    mano.ask('a', TASK);
    mano.clock.advance(2_000);
    expect(said(mano)[1]).toBe('a: {"http_code":503,"message":"later"} @ 610');
  });

  it('stays in the ledger when it swallows a reply', () => {
    const mano = table({ behaviour: 'final-lost' });
    mano.ask('a', TASK);
    mano.clock.advance(2_000);
    mano.isConnected = false;
    mano.ask('b', PROBE);
    mano.clock.advance(2_000);
    expect(entriesOf(mano.ledger.entries(), 'reply').map(({ status, fate }) => [status, fate])).toEqual([
      ['MIGRATING', 'published'],
      ['READY', 'lost-by-rule'],
      ['ERROR', 'not-connected'],
    ]);
  });
});

describe('a repository that fails half-way', () => {
  it.each([
    ['before the new record', 620, 'a: {"http_code":500,"message":"Internal Server Error"} @ 660'],
    ['before the removal', 700, undefined],
    ['before the service is updated', 900, undefined],
  ])('%s', (_, atMs, final) => {
    const mano = table();
    mano.ask('a', TASK);
    mano.clock.advance(atMs);
    mano.repositoryState = 'down';
    mano.clock.advance(3_000);
    expect(said(mano)[1]).toBe(final);
    expect(mano.slm.busyServices()).toHaveLength(final === undefined ? 1 : 0);
  });

  it('ends the move there, even if it comes back', () => {
    const mano = table();
    mano.ask('a', TASK);
    mano.clock.advance(700);
    mano.repositoryState = '500';
    mano.clock.advance(200);
    mano.repositoryState = 'up';
    mano.clock.advance(3_000);
    expect(said(mano)).toHaveLength(1);
    expect(entriesOf(mano.ledger.entries(), 'record').map(({ change }) => change.change)).toEqual([
      'added',
      'deployed',
      'recorded',
    ]);
  });

  it.each([
    ['down', '"400"'],
    ['html', '"400"'],
    ['500', '500'],
  ] as const)('%s for everybody fails the read before the ack', (state, error) => {
    const mano = table();
    mano.repositoryState = state;
    mano.ask('a', TASK);
    mano.clock.advance(100);
    expect(said(mano)).toEqual([`a: ${error} @ 10`]);
  });
});

describe('the ledger', () => {
  it('gives the same world when its changes are applied again', () => {
    const mano = table({ behaviour: 'removal-fails', nth: 1 }, { behaviour: 'record-fails', nth: 2 });
    for (const [index, task] of [TASK, OTHER_TASK, TASK].entries()) {
      mano.ask(`m${index}`, task);
      mano.clock.advance(2_000);
    }
    const again = new World();
    entriesOf(mano.ledger.entries(), 'record').forEach(({ change, atMs }) => again.apply(change, atMs));
    expect(again.snapshot()).toEqual(mano.world.snapshot());
    expect(again.storedVnfrs()).toEqual(mano.world.storedVnfrs());
    // One orphan with a record, one that only runs.
    expect(again.snapshot().orphans).toHaveLength(1);
    expect(again.snapshot().running).toHaveLength(6);
  });
});
