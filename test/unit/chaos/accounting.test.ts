/** The accounting of a chaos run: the violations that it must find. */
import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../../src/client/errors.js';
import type { AttemptView, MigrationResult } from '../../../src/shared/migration/contract.js';
import type { LedgerEntry, WorldSnapshot } from '../../../src/simulator/index.js';
import { accountOf, type Migration } from '../../chaos/accounting.js';

const SERVICE = 'service';
const OLD = 'old-vnf';
const NEW = 'new-vnf';
const SOURCE = 'vim-1';
const TARGET = 'vim-2';

function attempt(given: Partial<AttemptView> = {}): AttemptView {
  return {
    number: 1,
    correlationId: 'vnfm:default:w:1',
    reason: 'first',
    sent: 'confirmed',
    startedAt: '2026-01-01T00:00:00.000Z',
    ackedAt: null,
    finalAt: null,
    replies: [],
    notes: [],
    ...given,
  };
}

function migration(ending: Migration['ending']): Migration {
  return { workflowId: 'w', serviceInstanceUuid: SERVICE, vnfUuid: OLD, vimUuid: TARGET, ending };
}

function migrated(given: Partial<MigrationResult> = {}): Migration {
  return migration({
    kind: 'result',
    result: {
      outcome: 'migrated',
      evidence: 'reply',
      serviceInstanceUuid: SERVICE,
      vnfUuid: OLD,
      newVnfUuid: NEW,
      vimUuid: TARGET,
      attempts: [attempt()],
      durationMs: 1,
      manoDurationSeconds: 1,
      nsr: null,
      vnfrs: null,
      recordsSummarised: false,
      ...given,
    },
  });
}

function failed(type: 'MigrationFailed' | 'MigrationOutcomeUnknown', attempts = [attempt()]): Migration {
  const state = { attempts } as unknown as MigrationError['state'];
  return migration({ kind: 'error', error: new MigrationError({ type, message: 'it failed', state }) });
}

function request(correlationId = 'vnfm:default:w:1'): LedgerEntry {
  return {
    ...{
      atMs: 1,
      type: 'request',
      requestNumber: 1,
      kind: 'migration',
      correlationId,
      appId: 'vnf-migrator',
    },
    ...{ replyTo: null, serviceInstanceUuid: SERVICE, vnfUuid: OLD, vimUuid: TARGET },
  };
}

function deployed(newVnfUuid = NEW): LedgerEntry {
  const move = { serviceInstanceUuid: SERVICE, vnfUuid: OLD, newVnfUuid, vimUuid: TARGET };
  return { atMs: 2, type: 'record', correlationId: null, change: { change: 'deployed', move } };
}

function worldWith(vnfUuid: string, vimUuid: string): WorldSnapshot {
  const vnf = { vnfUuid, vimUuids: [vimUuid], status: 'normal operation' };
  const services = [{ serviceInstanceUuid: SERVICE, vnfs: [vnf] }];
  return {
    vims: [SOURCE, TARGET],
    services,
    orphans: [],
    terminated: [],
    running: [],
  } as unknown as WorldSnapshot;
}

const moved = worldWith(NEW, TARGET);
const untouched = worldWith(OLD, SOURCE);

describe('all is well', () => {
  it('when a migrated VNF is where it is said to be', () => {
    expect(accountOf({ migrations: [migrated()], ledger: [request(), deployed()], world: moved })).toEqual({
      attempted: 1,
      sent: 1,
      migrated: 1,
      notMigrated: 0,
      unknown: 0,
      lost: 0,
      duplicated: 0,
      unexpected: 0,
      recovered: 0,
      violations: [],
    });
  });

  it('when a failed one is where it was', () => {
    const account = accountOf({
      migrations: [failed('MigrationFailed')],
      ledger: [request()],
      world: untouched,
    });
    expect(account).toMatchObject({ notMigrated: 1, lost: 0, violations: [] });
  });

  it('and recovered, when the records told what no reply did', () => {
    const migrations = [migrated({ evidence: 'repository' })];
    const account = accountOf({ migrations, ledger: [request(), deployed()], world: moved });
    expect(account).toMatchObject({ migrated: 1, recovered: 1, violations: [] });
  });

  it('when a second request has its evidence', () => {
    const second = attempt({
      number: 2,
      correlationId: 'vnfm:default:w:2',
      reason: 'repository-says-untouched',
    });
    const migrations = [migrated({ attempts: [attempt(), second] })];
    const ledger = [request(), request('vnfm:default:w:2'), deployed()];
    expect(accountOf({ migrations, ledger, world: moved })).toMatchObject({ sent: 2, violations: [] });
  });
});

describe('lost', () => {
  it.each([
    ['one that has not ended', migration(null), untouched],
    ['a false success: its VNF is still where it was', migrated(), untouched],
    ['a success on another VIM', migrated(), worldWith(NEW, SOURCE)],
    ['a success under an id that is not there', migrated({ newVnfUuid: 'no-such-vnf' }), moved],
    ['already-there, but it is not', migrated({ outcome: 'already-there', newVnfUuid: null }), untouched],
    ['a false failure: its VNF has moved', failed('MigrationFailed'), moved],
  ])('%s', (_, ended, world) => {
    const account = accountOf({ migrations: [ended], ledger: [request(), deployed()], world });
    expect(account).toMatchObject({ lost: 1 });
    expect(account.violations[0]).toContain('lost: ');
  });

  it('is no honest "unknown", which is counted apart', () => {
    const migrations = [failed('MigrationOutcomeUnknown')];
    const account = accountOf({ migrations, ledger: [request()], world: moved });
    expect(account).toMatchObject({ unknown: 1, lost: 0, violations: [] });
  });
});

describe('duplicated and unexpected', () => {
  it('is a VNF that was deployed twice', () => {
    const ledger = [request(), deployed(), deployed('a-copy')];
    expect(accountOf({ migrations: [migrated()], ledger, world: moved })).toMatchObject({ duplicated: 1 });
  });

  it.each([
    ['that no workflow recorded', [request(), request('vnfm:default:w:9')], attempt()],
    ['that was on the bus twice', [request(), request()], attempt()],
    ['whose workflow says that it was not sent', [request()], attempt({ sent: 'not-sent' })],
    ['that was sent again without evidence', [request()], attempt({ number: 2 })],
    [
      'without a correlation id',
      [request(), { ...request(), correlationId: null } as LedgerEntry],
      attempt(),
    ],
  ])('is a request %s', (_, ledger, recorded) => {
    const migrations = [migrated({ attempts: [recorded] })];
    const account = accountOf({ migrations, ledger: [...ledger, deployed()], world: moved });
    expect(account).toMatchObject({ unexpected: 1 });
    expect(account.violations).toHaveLength(1);
  });
});
