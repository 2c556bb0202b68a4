/** The words for states and reasons: those of the command line and of the documentation. Pure. */
import type { ItemCounts, ItemState, PauseCause, WaitReason } from '../../../shared/campaign/views.js';
import type { FailureType } from '../../../shared/migration/failures.js';
import type { Phase } from '../../../shared/migration/contract.js';

/** `COMPLETED_WITH_ERRORS`: completed with errors. */
export function stateText(state: string): string {
  return state.toLowerCase().replaceAll('_', ' ');
}

/** In the order in which counts are told; the value tells ended items from others. */
const IS_ENDED: Readonly<Record<ItemState, boolean>> = {
  MIGRATED: true,
  ALREADY_THERE: true,
  FAILED: true,
  UNKNOWN: true,
  SKIPPED: true,
  CANCELLED: true,
  RUNNING: false,
  WAITING: false,
  PLANNED: false,
};

export const ITEM_STATES_IN_ORDER = Object.keys(IS_ENDED) as readonly ItemState[];

export function isEnded(state: ItemState): boolean {
  return IS_ENDED[state];
}

export function endedOf(counts: ItemCounts): number {
  return ITEM_STATES_IN_ORDER.filter(isEnded).reduce((sum, state) => sum + counts[state], 0);
}

export function allOf(counts: ItemCounts): number {
  return ITEM_STATES_IN_ORDER.reduce((sum, state) => sum + counts[state], 0);
}

/** `28 migrated, 2 failed, 6 running`. States without items are left out. */
export function countsText(counts: ItemCounts): string {
  const parts = ITEM_STATES_IN_ORDER.filter((state) => counts[state] > 0).map(
    (state) => `${counts[state]} ${stateText(state)}`,
  );
  return parts.length === 0 ? 'no items' : parts.join(', ');
}

const WAIT_TEXTS: Readonly<Record<WaitReason, string>> = {
  'total-limit': 'The limit of the campaign is reached.',
  'source-limit': 'The limit of its source VIM is reached.',
  'target-limit': 'The limit of its target VIM is reached.',
  capacity: 'No target VIM has room for it at present.',
  'shared-total-limit': 'The limit of the deployment is reached.',
  'shared-source-limit': 'The limit of the deployment for its source VIM is reached.',
  'shared-target-limit': 'The limit of the deployment for its target VIM is reached.',
  'service-busy': 'Another VNF of its service moves, or the MANO has locked the service.',
  'owned-by': 'Another caller moves this VNF.',
  gate: 'An earlier stage has not ended, or nobody has approved.',
  backoff: 'It is retried after a pause.',
  paused: 'The campaign is paused.',
  window: 'No window is open, or the open one closes too soon.',
  'not-before': 'It is before the time that the specification names.',
  'ramp-up': 'The ramp-up lets fewer run than the limits do.',
  soak: 'The time between two waves has not passed.',
};

export function waitText(reason: WaitReason): string {
  return WAIT_TEXTS[reason];
}

const PAUSE_TEXTS: Readonly<Record<PauseCause, string>> = {
  operator: 'An operator paused it. To continue: resume.',
  budget: 'The error budget is used up. To continue: resume; a larger budget: set budget.',
  'mano-deaf': 'The MANO answers nothing. The campaign resumes when it answers.',
  canary: 'The canary has ended. To continue: approve.',
  wave: 'A wave has ended. To continue: approve.',
};

export function pauseText(cause: PauseCause): string {
  return PAUSE_TEXTS[cause];
}

const FAILURE_TEXTS: Readonly<Record<FailureType, string>> = {
  InvalidMigrationRequest: 'The input is wrong. Nothing was sent.',
  MigrationRejected:
    'The MANO, its records, its list of VIMs, or the limits of the deployment refused the request. Nothing was moved.',
  MigrationFailed: 'The MANO reported a failure.',
  MigrationNotAcknowledged: 'The MANO answered neither the request nor any probe.',
  MigrationOutcomeUnknown: 'The VNF may or may not have moved. The evidence below says what is known.',
  ServiceBusy: 'Something else held the service for too long, or the service is locked.',
  BrokerUnavailable: 'No broker accepted the request. It was not sent.',
};

/** Null: it is none of our failure types. */
export function failureText(type: string | null): string | null {
  return type !== null && type in FAILURE_TEXTS ? FAILURE_TEXTS[type as FailureType] : null;
}

const PHASE_TEXTS: Readonly<Record<Phase, string>> = {
  validating: 'The input is checked.',
  'pre-flight': "The MANO's repository is read before the first request.",
  'awaiting-permit': 'It waits for a permit: the limits of the deployment are reached.',
  publishing: 'The request is being published.',
  'awaiting-ack': "It waits for the MANO's first reply.",
  'awaiting-final': "It runs at the MANO. It waits for the MANO's final reply.",
  busy: 'The service is busy. It asks again later.',
  probing: 'There was no reply. It asks the MANO whether it is at work.',
  reconciling: "It reads the MANO's repository to learn what happened.",
  'awaiting-operator': 'Nobody knows how it ended. It waits for an operator: resolve.',
  closed: 'It has ended.',
};

export function phaseText(phase: Phase): string {
  return PHASE_TEXTS[phase];
}

/** `first`, or the evidence that sending again does no harm: `probe says not taken`. */
export function plainText(word: string): string {
  return word.replaceAll('-', ' ');
}

/** `vnf-campaign/<name>`: the name. */
export function migrationLabel(workflowId: string): string {
  return workflowId.replace(/^vnf-migration\//, '');
}

/** How a state looks, beside its word. */
export type Tone = 'good' | 'bad' | 'doubt' | 'going' | 'waiting' | 'quiet';

const TONES: Readonly<Record<string, Tone>> = {
  MIGRATED: 'good',
  ALREADY_THERE: 'good',
  COMPLETED: 'good',
  'ALREADY-THERE': 'good',
  OK: 'good',
  RUNNING: 'going',
  DRAINING: 'doubt',
  FAILED: 'bad',
  TIMEDOUT: 'bad',
  TIMED_OUT: 'bad',
  TERMINATED: 'bad',
  UNKNOWN: 'doubt',
  COMPLETED_WITH_ERRORS: 'doubt',
  PAUSED: 'doubt',
  AWAITING_APPROVAL: 'doubt',
  WARNING: 'doubt',
  WAITING: 'waiting',
};

export function toneOf(state: string): Tone {
  return TONES[state.toUpperCase()] ?? 'quiet';
}

/** A state is never told by colour alone. */
const SYMBOLS: Readonly<Record<Tone, string>> = {
  good: '✓',
  bad: '✕',
  doubt: '!',
  going: '▸',
  waiting: '…',
  quiet: '·',
};

export function symbolOf(tone: Tone): string {
  return SYMBOLS[tone];
}
