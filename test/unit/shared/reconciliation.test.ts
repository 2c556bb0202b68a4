import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  preflight,
  reconcile,
  type Finding,
  type ServiceSnapshot,
  type VnfSnapshot,
} from '../../../src/shared/migration/reconciliation.js';

const SOURCE = 'vim-a';
const TARGET = 'vim-b';
const ids = { vnfUuid: 'ours', vimUuid: TARGET };

function vnf(vnfUuid: string, more: Partial<VnfSnapshot> = {}): VnfSnapshot {
  return { vnfUuid, status: 'normal operation', descriptorReference: 'fw', vimUuids: [SOURCE], ...more };
}

const dpi = vnf('dpi', { descriptorReference: 'dpi' });
const terminated = vnf('ours', { status: 'terminated' });
const successor = vnf('new', { vimUuids: [TARGET] });

/** As preflight finds it: ours and another VNF, both on the source. */
const BEFORE: ServiceSnapshot = { listedVnfUuids: ['ours', 'dpi'], vnf: vnf('ours'), siblings: [dpi] };
/** After a migration: the service lists the successor, the old record stays as terminated. */
const AFTER: ServiceSnapshot = {
  listedVnfUuids: ['new', 'dpi'],
  vnf: terminated,
  siblings: [dpi, successor],
};

function found(now: ServiceSnapshot, before: ServiceSnapshot | null = BEFORE): Finding {
  return reconcile({ ...ids, now, before });
}

describe('moved', () => {
  test('the service lists a new VNF of the descriptor on the target, the old record is terminated', () => {
    expect(found(AFTER)).toEqual({ kind: 'moved', newVnfUuid: 'new' });
  });

  test('the old record may be gone altogether', () => {
    expect(found({ ...AFTER, vnf: null })).toEqual({ kind: 'moved', newVnfUuid: 'new' });
  });

  test('a left-over of an earlier attempt does not hide the move', () => {
    const siblings = [...AFTER.siblings, vnf('copy', { vimUuids: [TARGET] })];
    expect(found({ ...AFTER, siblings })).toEqual({ kind: 'moved', newVnfUuid: 'new' });
  });

  test('a twin moved to the same target meanwhile: moved, but which one is ours is not known', () => {
    const before = {
      ...BEFORE,
      listedVnfUuids: ['ours', 'dpi', 'twin'],
      siblings: [dpi, vnf('twin')],
    };
    const now = {
      ...AFTER,
      listedVnfUuids: ['new', 'dpi', 'new2'],
      siblings: [dpi, successor, vnf('new2', { vimUuids: [TARGET] })],
    };
    expect(found(now, before)).toEqual({ kind: 'moved', newVnfUuid: null });
  });
});

describe('untouched', () => {
  test('nothing has changed', () => {
    expect(found(BEFORE)).toEqual({ kind: 'untouched', sourceVimUuids: [SOURCE] });
  });

  test('an orphan that was on the target before is not new', () => {
    const snapshot = { ...BEFORE, siblings: [dpi, vnf('old-copy', { vimUuids: [TARGET] })] };
    expect(found(snapshot, snapshot).kind).toBe('untouched');
  });

  test('a dead copy on the target, and a living VNF of another kind, do not matter', () => {
    const dead = vnf('dead', { status: 'terminated', vimUuids: [TARGET] });
    const other = vnf('other', { descriptorReference: 'dpi', vimUuids: [TARGET] });
    expect(found({ ...BEFORE, siblings: [dpi, dead, other] }).kind).toBe('untouched');
  });

  test('without an earlier snapshot: only if nothing of the kind is on the target', () => {
    expect(found(BEFORE, null).kind).toBe('untouched');
  });
});

describe('unclear', () => {
  const onTarget = (id: string): VnfSnapshot => vnf(id, { vimUuids: [TARGET] });
  const cases: [string, ServiceSnapshot, ServiceSnapshot | null, { reason: RegExp; copies: string[] }][] = [
    [
      'the removal failed: the service is unchanged, a copy runs on the target',
      { ...BEFORE, siblings: [dpi, onTarget('copy')] },
      BEFORE,
      { reason: /still lists the VNF, and of its kind on the target: copy/, copies: ['copy'] },
    ],
    [
      'the repository refused the NSR at the end: the old VNF is gone, the new one is not listed',
      { ...BEFORE, vnf: terminated, siblings: [dpi, onTarget('copy')] },
      BEFORE,
      { reason: /terminated/, copies: ['copy'] },
    ],
    [
      'the service lists both',
      { ...BEFORE, listedVnfUuids: ['ours', 'dpi', 'new'], siblings: [dpi, successor] },
      BEFORE,
      { reason: /on the target: new/, copies: [] },
    ],
    [
      'a copy of an unknown kind on the target',
      { ...BEFORE, siblings: [dpi, vnf('copy', { descriptorReference: null, vimUuids: [TARGET] })] },
      BEFORE,
      { reason: /copy/, copies: ['copy'] },
    ],
    [
      'the service lists a VNF that has no record',
      { ...BEFORE, listedVnfUuids: ['ours', 'dpi', 'x'] },
      BEFORE,
      { reason: /without a record: x/, copies: [] },
    ],
    [
      'a copy on the target that may have been there before',
      { ...BEFORE, siblings: [dpi, onTarget('copy')] },
      null,
      { reason: /on the target: copy/, copies: ['copy'] },
    ],
    ['no earlier snapshot, no longer listed', AFTER, null, { reason: /nothing was read/, copies: [] }],
    [
      'the old VNF still lives beside the new one',
      { ...AFTER, vnf: vnf('ours') },
      BEFORE,
      { reason: /not terminated/, copies: [] },
    ],
    [
      'the VNF is gone without a successor',
      { ...AFTER, listedVnfUuids: ['dpi'], siblings: [dpi] },
      BEFORE,
      { reason: /it has new: none/, copies: [] },
    ],
    [
      'the successor is on a third VIM',
      { ...AFTER, siblings: [dpi, vnf('new', { vimUuids: ['vim-c'] })] },
      BEFORE,
      { reason: /it has new: new/, copies: [] },
    ],
    [
      'the successor is on the target in part',
      { ...AFTER, siblings: [dpi, vnf('new', { vimUuids: [TARGET, SOURCE] })] },
      BEFORE,
      { reason: /new/, copies: [] },
    ],
    [
      'the successor is dead',
      { ...AFTER, siblings: [dpi, { ...successor, status: 'terminated' }] },
      BEFORE,
      { reason: /new/, copies: [] },
    ],
    [
      'the kind of the successor is not known',
      { ...AFTER, siblings: [dpi, { ...successor, descriptorReference: null }] },
      BEFORE,
      { reason: /it has new: new/, copies: [] },
    ],
    [
      'the service has taken up a copy that was there before',
      AFTER,
      { ...BEFORE, siblings: [dpi, successor] },
      { reason: /it has new: new/, copies: [] },
    ],
    [
      'two new ones for the one that is gone',
      { ...AFTER, listedVnfUuids: ['new', 'dpi', 'x'], siblings: [dpi, successor, onTarget('x')] },
      BEFORE,
      { reason: /new, x/, copies: [] },
    ],
    [
      'the twin that was on the target before is no successor',
      { ...AFTER, listedVnfUuids: ['dpi', 'twin'], siblings: [dpi, onTarget('twin')] },
      { ...BEFORE, listedVnfUuids: ['ours', 'dpi', 'twin'], siblings: [dpi, onTarget('twin')] },
      { reason: /none/, copies: [] },
    ],
    [
      'the VNF is on the target under its old id',
      { ...BEFORE, vnf: onTarget('ours') },
      BEFORE,
      { reason: /old id/, copies: [] },
    ],
    [
      'the VNF is on another source',
      { ...BEFORE, vnf: vnf('ours', { vimUuids: ['vim-c'] }) },
      BEFORE,
      { reason: /changed its VIM/, copies: [] },
    ],
    [
      'the status is not known',
      { ...BEFORE, vnf: vnf('ours', { status: null }) },
      BEFORE,
      { reason: /no status/, copies: [] },
    ],
    [
      'no VIM is named',
      { ...BEFORE, vnf: vnf('ours', { vimUuids: [] }) },
      BEFORE,
      { reason: /no VIM/, copies: [] },
    ],
    ['listed, but without a record', { ...BEFORE, vnf: null }, BEFORE, { reason: /no record/, copies: [] }],
    [
      'the descriptor is not known',
      { ...BEFORE, vnf: vnf('ours', { descriptorReference: null }) },
      null,
      { reason: /descriptor/, copies: [] },
    ],
    [
      'the descriptor has changed',
      { ...BEFORE, vnf: vnf('ours', { descriptorReference: 'x' }) },
      BEFORE,
      { reason: /changed its descriptor/, copies: [] },
    ],
    [
      'the VNF was dead before the request',
      AFTER,
      { ...BEFORE, vnf: terminated },
      { reason: /not ready/, copies: [] },
    ],
    [
      'the record of another VNF',
      { ...BEFORE, vnf: vnf('x') },
      BEFORE,
      { reason: /is that of x/, copies: [] },
    ],
    [
      'two records of one VNF',
      { ...BEFORE, siblings: [dpi, onTarget('copy'), vnf('copy')] },
      BEFORE,
      { reason: /twice/, copies: ['copy'] },
    ],
  ];
  test.each(cases)('%s', (_name, now, before, { reason, copies }) => {
    const finding = found(now, before);
    expect(finding).toMatchObject({ kind: 'unclear', copies });
    expect(finding.kind === 'unclear' && finding.reason).toMatch(reason);
  });
});

describe('preflight', () => {
  const verdict = (now: ServiceSnapshot) => preflight({ ...ids, now });

  test('listed, alive, on a source VIM: go', () => {
    expect(verdict(BEFORE)).toEqual({ kind: 'go' });
  });

  test('every unit is on the target: already there', () => {
    expect(verdict({ ...BEFORE, vnf: vnf('ours', { vimUuids: [TARGET] }) })).toEqual({
      kind: 'already-there',
    });
  });

  test.each<[string, ServiceSnapshot, RegExp]>([
    ['a VNF that was migrated away', AFTER, /does not list VNF ours; a migrated VNF has a new id/],
    ['a dead VNF that is still listed', { ...BEFORE, vnf: terminated }, /terminated/],
    ['a VNF without a record', { ...BEFORE, vnf: null }, /no record/],
    ['an unknown status', { ...BEFORE, vnf: vnf('ours', { status: null }) }, /no status/],
    ['no VIM', { ...BEFORE, vnf: vnf('ours', { vimUuids: [] }) }, /no VIM/],
    ['on the target in part', { ...BEFORE, vnf: vnf('ours', { vimUuids: [SOURCE, TARGET] }) }, /in part/],
    ['the record of another VNF', { ...BEFORE, vnf: vnf('x') }, /is that of x/],
  ])('%s: refuse', (_name, now, reason) => {
    const result = verdict(now);
    expect(result.kind === 'refuse' && result.reason).toMatch(reason);
  });
});

describe('whatever the facts', () => {
  const id = fc.constantFrom('ours', 'dpi', 'new', 'x', '__proto__');
  const vim = fc.constantFrom(SOURCE, TARGET, 'vim-c');
  const anyVnf: fc.Arbitrary<VnfSnapshot> = fc.record({
    vnfUuid: id,
    status: fc.constantFrom('normal operation', 'terminated', 'offline', null),
    descriptorReference: fc.constantFrom('fw', 'fw', 'dpi', null),
    vimUuids: fc.uniqueArray(vim, { maxLength: 2 }),
  });
  const ours = anyVnf.map((record) => ({ ...record, vnfUuid: 'ours' }));
  const anySnapshot: fc.Arbitrary<ServiceSnapshot> = fc.record({
    listedVnfUuids: fc.array(id, { maxLength: 4 }),
    vnf: fc.oneof({ weight: 4, arbitrary: ours }, fc.constant(null), anyVnf),
    siblings: fc.array(anyVnf, { maxLength: 4 }),
  });
  const anyBefore = fc.oneof(fc.constant(BEFORE), fc.constant(null), anySnapshot);
  // Near misses of the two plain cases: one part of them is replaced by anything.
  const nearMiss = fc
    .tuple(fc.constantFrom(BEFORE, AFTER), fc.constantFrom('listedVnfUuids', 'vnf', 'siblings'), anySnapshot)
    .map(([base, key, other]): ServiceSnapshot => ({ ...base, [key]: other[key] }));
  const anyNow = fc.oneof(anySnapshot, nearMiss);

  const lives = (record: VnfSnapshot | null | undefined): boolean =>
    record?.status !== undefined && record.status !== null && record.status !== 'terminated';

  test('moved is said only of a service that lost ours and lists a living successor on the target', () => {
    let moved = 0;
    const property = fc.property(anyNow, anyBefore, (now, before) => {
      const finding = found(now, before);
      if (finding.kind !== 'moved') return;
      moved += 1;
      expect(before?.listedVnfUuids).toContain('ours');
      expect(lives(before?.vnf)).toBe(true);
      expect(now.listedVnfUuids).not.toContain('ours');
      expect(now.vnf?.status ?? 'terminated').toBe('terminated');
      const successors = now.siblings.filter(
        (record) =>
          now.listedVnfUuids.includes(record.vnfUuid) && !before!.listedVnfUuids.includes(record.vnfUuid),
      );
      const kind = before!.vnf!.descriptorReference ?? now.vnf!.descriptorReference;
      const ofKind = successors.filter((record) => record.descriptorReference === kind);
      expect(ofKind.length).toBeGreaterThan(0);
      for (const record of ofKind) {
        expect(lives(record)).toBe(true);
        expect(record.vimUuids).toEqual([TARGET]);
      }
      if (finding.newVnfUuid !== null)
        expect(ofKind.map((record) => record.vnfUuid)).toEqual([finding.newVnfUuid]);
    });
    fc.assert(property, { numRuns: 5_000 });
    expect(moved).toBeGreaterThan(0);
  });

  test('untouched is said only of a living VNF on its source, with nothing new of its kind on the target', () => {
    let untouched = 0;
    const property = fc.property(anyNow, anyBefore, (now, before) => {
      const finding = found(now, before);
      if (finding.kind !== 'untouched') return;
      untouched += 1;
      expect(now.listedVnfUuids).toContain('ours');
      expect(lives(now.vnf)).toBe(true);
      expect(finding.sourceVimUuids).toEqual(now.vnf?.vimUuids);
      expect(finding.sourceVimUuids).not.toContain(TARGET);
      if (before !== null)
        expect([...finding.sourceVimUuids].sort()).toEqual([...before.vnf!.vimUuids].sort());
      const kind = now.vnf!.descriptorReference ?? before!.vnf!.descriptorReference;
      const news = now.siblings.filter(
        (record) =>
          record.status !== 'terminated' &&
          record.vimUuids.includes(TARGET) &&
          (record.descriptorReference ?? kind) === kind &&
          before?.siblings.some((old) => old.vnfUuid === record.vnfUuid && old.vimUuids.includes(TARGET)) !==
            true,
      );
      expect(news).toEqual([]);
    });
    fc.assert(property, { numRuns: 5_000 });
    expect(untouched).toBeGreaterThan(0);
  });

  test('a copy is never a VNF that the service lists, nor ours, and the answer survives JSON', () => {
    fc.assert(
      fc.property(anyNow, anyBefore, (now, before) => {
        const finding = found(now, before);
        expect(JSON.parse(JSON.stringify(finding))).toEqual(finding);
        if (finding.kind !== 'unclear') return;
        expect(finding.reason).not.toBe('');
        for (const copy of finding.copies) expect([...now.listedVnfUuids, 'ours']).not.toContain(copy);
      }),
      { numRuns: 2_000 },
    );
  });

  test('neither the order of the lists nor a VNF listed twice changes the kind of the finding', () => {
    const turned = (snapshot: ServiceSnapshot): ServiceSnapshot => ({
      ...snapshot,
      listedVnfUuids: [...snapshot.listedVnfUuids, ...snapshot.listedVnfUuids].reverse(),
      siblings: [...snapshot.siblings].reverse(),
    });
    fc.assert(
      fc.property(anyNow, anyBefore, (now, before) => {
        const finding = found(turned(now), before === null ? null : turned(before));
        expect(finding.kind).toBe(found(now, before).kind);
      }),
      { numRuns: 2_000 },
    );
  });

  test('preflight says go only to a listed, living VNF off the target, and then nothing done is untouched', () => {
    let go = 0;
    const property = fc.property(anyNow, (now) => {
      const verdict = preflight({ ...ids, now });
      if (verdict.kind === 'refuse') return;
      expect(now.listedVnfUuids).toContain('ours');
      expect(lives(now.vnf)).toBe(true);
      expect(now.vnf?.vimUuids.includes(TARGET)).toBe(verdict.kind === 'already-there');
      if (verdict.kind !== 'go') return;
      go += 1;
      expect(found(now, now).kind).toBe(now.vnf?.descriptorReference === null ? 'unclear' : 'untouched');
    });
    fc.assert(property, { numRuns: 5_000 });
    expect(go).toBeGreaterThan(0);
  });
});
