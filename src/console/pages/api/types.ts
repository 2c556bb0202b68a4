/** What the console's API answers, where it is not a type of the contract already. */
import type { CampaignInput } from '../../../shared/campaign/contract.js';
import type { OppositeCampaign } from '../../../shared/campaign/opposite.js';
import type {
  AuditEntry,
  CampaignConflict,
  CampaignItemView,
  CampaignProgress,
  CampaignResult,
} from '../../../shared/campaign/views.js';
import type { LoadForecast } from '../../../shared/campaign/load-forecast.js';
import type { PlannedItem, PlannedStage } from '../../../shared/campaign/plan.js';

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

export type {
  ListedCampaign as CampaignRow,
  CampaignsPage as CampaignPage,
} from '../../../client/campaign-list.js';

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

export type { CampaignSchedule as Schedule } from '../../../client/campaign-schedules.js';

export type {
  ListedMigration as MigrationRow,
  MigrationsPage as MigrationPage,
} from '../../../client/migration-list.js';

export type { MigrationStanding as MigrationView } from '../../../client/migration-standing.js';

export type { VimRow } from '../../../vims/overview.js';

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
