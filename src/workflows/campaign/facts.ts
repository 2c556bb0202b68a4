/** What is known of a campaign beside its items and its trail: plain data, as it is carried from run to run. */
import type { CampaignSpec } from '../../shared/campaign/contract.js';
import type { CampaignConflict, PauseCause, WaitReason } from '../../shared/campaign/views.js';
import type { PlannedStage } from '../../shared/campaign/plan.js';
import type { Ramp } from '../../shared/campaign/ramp-up.js';
import type { Outbox } from './outbox-shape.js';
import type { Vim } from '../../shared/vim/vim.js';

/** The settings of a worker, read once. */
export interface CampaignSettings {
  deployment: string;
  hasRepository: boolean;
  /** Whether the MANO can be probed. */
  hasBus: boolean;
  /** Whether the list of VIMs can be asked. Not there in a campaign that version 0.1 began. */
  hasVimList?: boolean;
  /** Of the search attributes of a migration, those that the namespace knows. */
  searchAttributes: string[];
}

export interface Stage extends Omit<PlannedStage, 'items'> {
  unended: number;
}

export interface Pause {
  sinceMs: number;
  message: string;
}

/** What `PAUSED` can stand on, the gravest first: one may come over another, and each is lifted for itself. */
export const PAUSES = ['operator', 'budget', 'mano-deaf'] as const;
export type Pausing = (typeof PAUSES)[number] & PauseCause;

export type ByReason<T> = Partial<Record<WaitReason, T>>;

/** How long items have waited, counted by wait-times.ts. Carried from run to run, so the names stay. */
export interface Waits {
  countedAtMs: number;
  /** The controls and stages at that time: other ones begin a new count. */
  turn: string;
  /** Items waiting at that time. */
  waiting: ByReason<number>;
  /** Item-milliseconds up to that time. */
  waitedMs: ByReason<number>;
}

export interface Room {
  /** When the query of the list began. */
  listedAtMs: number;
  vims: Vim[];
}

/** Of windows and `notBefore`. */
export interface Timing {
  /** Whether items might start at the last decision. */
  isOpen?: boolean;
  /** `startNow` was ordered: the rules do not hold until then, or for good. */
  isLifted?: boolean;
  liftedUntilMs?: number;
}

/** Of the limits of the deployment: VNFs by their present ids. */
export interface Shared {
  /** Whose permits are to be given back. */
  released: string[];
  /** Whose permits are not wanted any more. */
  unwanted: string[];
  /** The last exchange; null: one is due. */
  askedAtMs: number | null;
}

export type OwnSpec = Omit<CampaignSpec, 'items'>;

/** All of a campaign but its items and its trail. Plain data. */
export interface CampaignFacts {
  spec: OwnSpec;
  settings: CampaignSettings | null;
  phase: 'planning' | 'running' | 'finished';
  stages: Stage[];
  /** Index of the last stage that has begun; -1: none. */
  openStage: number;
  /** Since when the gate before the next stage waits for `approve`. */
  gateSinceMs: number | null;
  pauses: Partial<Record<Pausing, Pause>>;
  isAborted: boolean;
  generation: number;
  consecutive: number;
  /** Items whose migrations were met with silence, in a row. */
  silent: number[];
  /** The service that a deaf MANO is asked about. */
  deafService: string | null;
  sweeps: number;
  /** Nothing more is to be read before the end. */
  isSwept: boolean;
  conflicts: CampaignConflict[];
  conflictCount: number;
  residual: CampaignConflict[];
  residualCount: number;
  /** What keeps it from going on, such as a repository that cannot be read. */
  trouble: string | null;
  /** When silent migrations are asked about next, and the MANO if it is deaf; null: not yet known. */
  silenceCheckMs: number | null;
  probeMs: number | null;
  /** Not there before the first count. */
  waits?: Waits;
  /** Names of VIMs by uuid, as far as they are known. Not there in a campaign that version 0.1 began. */
  vimNames?: Record<string, string>;
  /** The target VIMs on the last list. Only where items go where room is. */
  room?: Room;
  /** Each is there only where the specification has what it is about. */
  timing?: Timing;
  ramp?: Ramp;
  /** The next stage does not begin before; not there: it is not known yet, or nothing soaks. */
  soakUntilMs?: number;
  /** Only of a campaign that names receivers. */
  outbox?: Outbox;
  /** Only while the deployment has limits. */
  shared?: Shared;
  startedAtMs: number;
  finishedAtMs: number | null;
}

/** Whether anybody can ask the MANO if it is there. */
export function canProbe({ spec, settings }: Pick<CampaignFacts, 'spec' | 'settings'>): boolean {
  return spec.policy.probe === 'auto' && settings?.hasBus === true;
}

export function newFacts(spec: OwnSpec, startedAtMs: number): CampaignFacts {
  return {
    spec,
    settings: null,
    phase: 'planning',
    stages: [],
    openStage: -1,
    gateSinceMs: null,
    pauses: {},
    isAborted: false,
    generation: 1,
    consecutive: 0,
    silent: [],
    deafService: null,
    sweeps: 0,
    isSwept: spec.evacuate === undefined,
    conflicts: [],
    conflictCount: 0,
    residual: [],
    residualCount: 0,
    trouble: null,
    silenceCheckMs: null,
    probeMs: null,
    startedAtMs,
    finishedAtMs: null,
  };
}
