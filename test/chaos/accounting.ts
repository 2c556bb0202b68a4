/**
 * The accounting of a chaos run, after Jepsen's total-queue. All functions are pure. The accounting uses three
 * independent witnesses.
 *
 * It joins the endings of the workflows, by correlation id and by VNF, with the requests in the MANO's durable
 * ledger, and with the final place of every VNF. It never queries the workflows for this.
 */
import type { Ending } from '../../src/client/migration-outcome.js';
import type { AttemptView } from '../../src/shared/migration/contract.js';
import { entriesOf, type LedgerEntry, type WorldSnapshot } from '../../src/simulator/index.js';

export interface Migration {
  workflowId: string;
  serviceInstanceUuid: string;
  vnfUuid: string;
  vimUuid: string;
  /** Null: it has not ended. */
  ending: Ending | null;
}

export interface Account {
  /** Migrations that were asked for. */
  attempted: number;
  /** Migration requests that reached the MANO. */
  sent: number;
  migrated: number;
  /** Ended with a failure that is true. */
  notMigrated: number;
  /** Ended with "unknown", which is true and of little help. */
  unknown: number;
  /** Not ended, or ended untrue. */
  lost: number;
  /** VNFs of which the MANO began more than one move. */
  duplicated: number;
  /** Requests that nothing recorded accounts for. */
  unexpected: number;
  /** Ended migrated although a reply was lost, or more than one request was needed. */
  recovered: number;
  /** What is wrong, in words: whatever makes a run fail. */
  violations: string[];
}

export function accountOf(witnesses: {
  migrations: readonly Migration[];
  ledger: readonly LedgerEntry[];
  world: WorldSnapshot;
}): Account {
  const { migrations, ledger, world } = witnesses;
  const requests = entriesOf(ledger, 'request').filter(({ kind }) => kind === 'migration');
  const account: Account = {
    attempted: migrations.length,
    sent: requests.length,
    migrated: 0,
    notMigrated: 0,
    unknown: 0,
    lost: 0,
    duplicated: 0,
    unexpected: 0,
    recovered: 0,
    violations: [],
  };
  const places = placesOf(world);
  for (const migration of migrations) judgeEnding(account, { migration, places });
  countDuplicates(account, ledger);
  countUnexpected(account, {
    migrations,
    correlationIds: requests.map(({ correlationId }) => correlationId),
  });
  return account;
}

interface Place {
  listedBy: string | null;
  vimUuids: readonly (string | null)[];
}

function placesOf({ services }: WorldSnapshot): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const { serviceInstanceUuid, vnfs } of services) {
    for (const { vnfUuid, vimUuids } of vnfs)
      places.set(vnfUuid, { listedBy: serviceInstanceUuid, vimUuids });
  }
  return places;
}

function judgeEnding(
  account: Account,
  { migration, places }: { migration: Migration; places: Map<string, Place> },
): void {
  const { ending, workflowId, vnfUuid, vimUuid } = migration;
  const lost = (why: string): void => {
    account.lost += 1;
    account.violations.push(`${workflowId}: lost: ${why}`);
  };
  if (ending === null) {
    lost('it has not ended');
    return;
  }
  const stillThere = places.get(vnfUuid);
  if (ending.kind === 'error') {
    if (ending.error.type === 'MigrationOutcomeUnknown') account.unknown += 1;
    else if (stillThere === undefined)
      lost(`it ended with ${String(ending.error.type)}, but its VNF has moved`);
    else account.notMigrated += 1;
    return;
  }
  const { outcome, newVnfUuid, attempts, evidence } = ending.result;
  const now = newVnfUuid === null ? undefined : places.get(newVnfUuid);
  if (outcome === 'already-there') {
    if (stillThere?.vimUuids.includes(vimUuid) === true) account.migrated += 1;
    else lost('it says already-there, and is not');
    return;
  }
  if (stillThere !== undefined) {
    lost('it says migrated, and its old VNF is still listed');
    return;
  }
  if (newVnfUuid !== null && now?.vimUuids.includes(vimUuid) !== true) {
    lost(`it says migrated to ${newVnfUuid}, which is not on the target`);
    return;
  }
  account.migrated += 1;
  if (attempts.length > 1 || evidence !== 'reply') account.recovered += 1;
}

/** VNFs that were deployed on a target more than once: a copy was left, or a dead id was sent. */
function countDuplicates(account: Account, ledger: readonly LedgerEntry[]): void {
  const deployments = new Map<string, number>();
  for (const { change } of entriesOf(ledger, 'record')) {
    if (change.change !== 'deployed') continue;
    const { vnfUuid } = change.move;
    deployments.set(vnfUuid, (deployments.get(vnfUuid) ?? 0) + 1);
  }
  for (const [vnfUuid, times] of deployments) {
    if (times < 2) continue;
    account.duplicated += 1;
    account.violations.push(`VNF ${vnfUuid} was deployed on its target ${String(times)} times`);
  }
}

/** Each request at the MANO must be an attempt that its workflow recorded, once, with the evidence it was sent on. */
function countUnexpected(
  account: Account,
  {
    migrations,
    correlationIds,
  }: { migrations: readonly Migration[]; correlationIds: readonly (string | null)[] },
): void {
  const recorded = new Map<string, AttemptView>();
  for (const { ending } of migrations)
    for (const attempt of attemptsOf(ending)) recorded.set(attempt.correlationId, attempt);
  const seen = new Set<string>();
  for (const correlationId of correlationIds) {
    const attempt = correlationId === null ? undefined : recorded.get(correlationId);
    const why = unexpectedBecause(attempt, correlationId !== null && seen.has(correlationId));
    if (correlationId !== null) seen.add(correlationId);
    if (why === null) continue;
    account.unexpected += 1;
    account.violations.push(`request ${String(correlationId)}: ${why}`);
  }
}

function unexpectedBecause(attempt: AttemptView | undefined, isRepetition: boolean): string | null {
  if (attempt === undefined) return 'no workflow recorded it';
  if (isRepetition) return 'it was on the bus twice';
  if (attempt.sent === 'not-sent') return 'its workflow says that it was not sent';
  if (attempt.number > 1 && attempt.reason === 'first') return 'it was sent again without evidence';
  return null;
}

function attemptsOf(ending: Ending | null): readonly AttemptView[] {
  if (ending === null) return [];
  return ending.kind === 'result' ? ending.result.attempts : (ending.error.state?.attempts ?? []);
}
