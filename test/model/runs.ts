/**
 * What `npm run verify:model` checks, each a set of macros of `migration.pml`.
 *
 * Invariants: `holds` must visit every state and break nothing. Every other run must break the claim that it names, or
 * the model proves nothing: a guard that is missing, an assumption that does not hold, a state that must be reachable.
 */

/** Their places are their numbers in the model. */
export const CLAIMS = [
  'ONE_OPEN',
  'WRITTEN_ONCE',
  'SENT_IS_TRUE',
  'NO_DEAD_ID',
  'MIGRATED_IS_TRUE',
  'ALREADY_THERE_IS_TRUE',
  'RETRYABLE_IS_HARMLESS',
  'NOT_RUNNING_IS_TRUE',
  'REMOVAL_ENDS_IT',
  'NO_REPLY_LOST',
  'A_RULE_APPLIES',
  'GOAL_REACHED',
] as const;
export type Claim = (typeof CLAIMS)[number];

/** `shortest` finds the shortest story, and takes more memory; `liveness` is under weak fairness. */
export type Search = 'all' | 'shortest' | 'liveness';

export interface Run {
  macros: readonly string[];
  /** What it checks, in a few words. */
  what: string;
}

export interface Holds extends Run {
  search: 'all' | 'liveness';
}

/** Its last macro is what is taken out. */
export interface Breaks extends Run {
  claim: Claim;
}

export const HOLDS: readonly Holds[] = [
  { macros: [], search: 'all', what: 'with a repository, onUnknownOutcome fail' },
  { macros: ['NO_REPOSITORY'], search: 'all', what: 'without a repository; runs are cut short at any time' },
  {
    macros: ['LIVENESS'],
    search: 'liveness',
    what: 'a migration always ends, under weak fairness; whatever the peers say, with one probe',
  },
  { macros: ['FORGERY'], search: 'all', what: 'the same, and anybody writes READY' },
  { macros: ['POLICY_WAIT'], search: 'all', what: 'onUnknownOutcome wait, with an operator' },
  { macros: ['POLICY_RETRY'], search: 'all', what: 'onUnknownOutcome retry: the verdicts alone' },
  {
    macros: ['LAG', 'PROPOSED_LAST_LOOK'],
    search: 'all',
    what: 'a repository that lags for less than a pause, with a change that is not made',
  },
  {
    macros: ['LAG', 'SLOW_READS', 'PROPOSED_LAST_LOOK', 'PROPOSED_LOOK_BY_START'],
    search: 'all',
    what: 'a repository that lags, and slow reads, with two changes that are not made',
  },
  {
    macros: ['WITHOUT_PATIENCE', 'PROPOSED_UNVERIFIED_IS_DOUBT'],
    search: 'all',
    what: 'cancellations at any time, with a change that is not made',
  },
];

/** A guard of the code is missing. docs/model.md has a row for each. */
export const BROKEN_GUARDS: readonly Breaks[] = [
  { macros: ['BROKEN_LEASE'], claim: 'ONE_OPEN', what: 'the lease is not asked for before the write' },
  { macros: ['BROKEN_SETTLE'], claim: 'ONE_OPEN', what: '"free" counts at once for an unconfirmed request' },
  { macros: ['BROKEN_SILENCE'], claim: 'ONE_OPEN', what: 'a probe without an answer counts as "free"' },
  { macros: ['BROKEN_PROBE'], claim: 'ONE_OPEN', what: 'a retry after ackTimeout without a probe' },
  { macros: ['BROKEN_PROBE_NONCE'], claim: 'ONE_OPEN', what: 'a probe with the nonce of the request' },
  {
    macros: ['BROKEN_RECONCILIATION'],
    claim: 'NO_DEAD_ID',
    what: 'a retry after "free" without a look at the repository',
  },
  { macros: ['BROKEN_ONCE'], claim: 'WRITTEN_ONCE', what: 'Temporal runs the publish a second time' },
  {
    macros: ['BROKEN_SIGNAL_FIRST'],
    claim: 'NO_REPLY_LOST',
    what: 'the delivery is acknowledged before the signal',
  },
  {
    macros: ['BROKEN_REMOVAL'],
    claim: 'REMOVAL_ENDS_IT',
    what: 'a retry after a failed removal',
  },
  {
    macros: ['FORGERY', 'BROKEN_VERIFICATION'],
    claim: 'MIGRATED_IS_TRUE',
    what: 'READY is believed without a look at the repository',
  },
  {
    macros: ['LOOKS_TAKE_TIME', 'BROKEN_LOOK_DATE'],
    claim: 'RETRYABLE_IS_HARMLESS',
    what: 'a look is dated by its end',
  },
  {
    macros: ['NO_REPOSITORY', 'BROKEN_CUT_SHORT'],
    claim: 'ONE_OPEN',
    what: 'the run after one that was cut short goes on without a repository',
  },
];

/** An assumption does not hold: what is lost then. docs/model.md has a row for each. */
export const WITHOUT: readonly Breaks[] = [
  {
    macros: ['WITHOUT_SETTLED_CONNECTIONS'],
    claim: 'ONE_OPEN',
    what: 'the broker keeps a silent connection for longer than three heartbeats',
  },
  {
    macros: ['WITHOUT_SINGLE_DELIVERY'],
    claim: 'ONE_OPEN',
    what: 'the broker doubles a request',
  },
  {
    macros: ['NO_REPOSITORY', 'WITHOUT_ACKS'],
    claim: 'NO_DEAD_ID',
    what: 'no repository, and every reply of a finished request is lost',
  },
  {
    macros: ['WITHOUT_WHOLE_RUNS'],
    claim: 'NO_DEAD_ID',
    what: 'a time limit of the caller cuts a run short, with a repository',
  },
  {
    macros: ['WITHOUT_PATIENCE'],
    claim: 'NOT_RUNNING_IS_TRUE',
    what: 'a cancellation between a READY and the look that verifies it',
  },
  {
    macros: ['LAG'],
    claim: 'RETRYABLE_IS_HARMLESS',
    what: 'the repository lags behind "free" or a final ERROR at the last attempt',
  },
  {
    macros: ['LAG', 'PROPOSED_LAST_LOOK', 'SLOW_READS'],
    claim: 'NO_DEAD_ID',
    what: 'the repository lags, and a read lasts until the end of the pause',
  },
  {
    macros: ['LAG', 'PROPOSED_LAST_LOOK', 'WITHOUT_BOUNDED_LAG'],
    claim: 'NO_DEAD_ID',
    what: 'the repository lags for longer than the pause',
  },
];

export interface Goal extends Run {
  /** Its number in the model: verdicts, reasons from 20 on, and others. */
  goal: number;
}

export const GOALS: readonly Goal[] = [
  { goal: 1, macros: [], what: 'MigrationFailed' },
  { goal: 2, macros: [], what: 'a retryable failure' },
  { goal: 3, macros: [], what: 'migrated, by READY' },
  { goal: 4, macros: [], what: 'migrated, by the repository' },
  { goal: 5, macros: [], what: 'already-there' },
  { goal: 6, macros: [], what: 'MigrationNotAcknowledged' },
  { goal: 7, macros: [], what: 'MigrationOutcomeUnknown' },
  { goal: 8, macros: [], what: 'MigrationRejected' },
  { goal: 9, macros: [], what: 'cancelled' },
  { goal: 10, macros: ['POLICY_WAIT'], what: 'resolved by an operator' },
  { goal: 21, macros: [], what: 'a second request: service-was-busy' },
  { goal: 22, macros: ['NO_REPOSITORY'], what: 'a second request: probe-says-not-taken' },
  { goal: 23, macros: [], what: 'a second request: repository-says-untouched' },
  { goal: 24, macros: ['POLICY_RETRY'], what: 'a second request: policy-says-retry' },
  { goal: 30, macros: ['POLICY_RETRY'], what: 'migrated by READY to an earlier request' },
  { goal: 31, macros: [], what: 'migrated in the second run of a caller' },
  { goal: 32, macros: [], what: 'migrated by the second request of one run' },
  { goal: 33, macros: [], what: 'not acknowledged, although it has moved' },
];
