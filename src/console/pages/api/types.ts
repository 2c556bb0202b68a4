/** What the console's API answers, where it is not a type of the contract already. */
import type { CampaignInput } from '../../../shared/campaign/contract.js';
import type { OppositeCampaign } from '../../../shared/campaign/opposite.js';
import type {
  AuditEntry,
  CampaignConflict,
  CampaignItemView,
  CampaignProgress,
  CampaignResult,
  ItemCounts,
} from '../../../shared/campaign/views.js';
import type { LoadForecast } from '../../../shared/campaign/load-forecast.js';
import type { PlannedItem, PlannedStage } from '../../../shared/campaign/plan.js';
import type { MigrationResult, MigrationState } from '../../../shared/migration/contract.js';
import type { Vim } from '../../../shared/vim/vim.js';

export interface Session {
  actor: string | null;
  role: 'viewer' | 'operator';
  login: 'tokens' | 'proxy' | 'none';
}

export interface Deployment {
  version: string;
  deployment: string;
  namespace: string;
  taskQueue: string;
  hasRepository: boolean;
  hasBus: boolean;
  hasGatekeeper: boolean;
  hasCodec: boolean;
}

/** Temporal's status of a workflow, in any case. */
export type RunStatus = string;

export interface CampaignRow {
  workflowId: string;
  name: string;
  status: RunStatus;
  /** The campaign's own, or Temporal's where the campaign does not answer. */
  state: string;
  counts: ItemCounts | null;
  startedAt: string;
  closedAt: string | null;
}

export interface CampaignPage {
  campaigns: CampaignRow[];
  nextCursor: string | null;
}

export interface CampaignView {
  workflowId: string;
  name: string;
  status: RunStatus;
  isRunning: boolean;
  closedAt: string | null;
  progress: CampaignProgress | null;
  result: CampaignResult | null;
  failure: { type: string | null; message: string } | null;
  /** Why there is no progress. */
  unavailable: string | null;
}

export interface ItemsAnswer {
  items: CampaignItemView[];
  total: number;
  nextIndex: number | null;
}

export interface AuditAnswer {
  entries: AuditEntry[];
}

export interface Started {
  workflowId: string;
  name: string;
  runId: string;
  isNew: boolean;
  /** Of a retry or a way back: false where the defaults hold. */
  knowsSettings?: boolean;
}

export interface PlanAnswer {
  name: string;
  items: PlannedItem[];
  stages: PlannedStage[];
  conflicts: CampaignConflict[];
  problems: string[];
  load: Pick<LoadForecast, 'vims' | 'withoutNeeds'> & { waitingForRoom: number; unavailable: string | null };
  estimate: { assumeMs: number; totalMs: number; stagesMs: number[] };
  /** Null: it could not be looked for. */
  oppositeCampaigns: OppositeCampaign[] | null;
  hasRepository: boolean;
  canRun: boolean;
}

export interface FailbackAnswer {
  name: string;
  specification: CampaignInput | null;
  leftOut: { vnfUuid: string; vnfName: string | null; reason: string }[];
  knowsSettings: boolean;
}

export interface Schedule {
  name: string;
  scheduleId: string;
  cron: string | null;
  timeZone: string | null;
  isPaused: boolean;
  nextStartAt: string | null;
  lastStartAt: string | null;
  lastWorkflowId: string | null;
  skippedStarts: number;
  missedStarts: number;
}

export interface MigrationRow {
  workflowId: string;
  status: RunStatus;
  startedAt: string;
  closedAt: string | null;
  vnfUuid: string | null;
  serviceInstanceUuid: string | null;
  sourceVimUuid: string | null;
  targetVimUuid: string | null;
  campaign: string | null;
}

export interface MigrationPage {
  migrations: MigrationRow[];
  nextCursor: string | null;
}

export interface MigrationView {
  workflowId: string;
  status: RunStatus;
  startedAt: string;
  closedAt: string | null;
  state: MigrationState | null;
  result: MigrationResult | null;
  failure: { type: string | null; message: string; state: MigrationState | null } | null;
  unavailable: string | null;
}

export interface VimRow extends Vim {
  vnfs: number | null;
  movingIn: number;
  movingOut: number;
}

export interface Orphans {
  vimUuid: string;
  orphans: { vnfUuid: string; status: string | null; descriptorReference: string | null }[];
  listed: boolean | number;
}

export interface ParkedReply {
  id: string;
  reason: string;
  receivedAt: string;
  correlationId: string | null;
  topic: string;
  appId: string | null;
  bytes: number;
  workflowId: string | null;
}

export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'failed';
  text: string;
}
