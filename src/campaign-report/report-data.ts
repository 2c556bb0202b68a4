/**
 * What a report of a campaign is made of: plain data, read once. How it is read: read.ts; what is made of it:
 * json.ts, csv.ts, html.ts.
 */
import { campaignLabel } from '../shared/names.js';
import type { CampaignBudget, CampaignLimits } from '../shared/campaign/contract.js';
import type {
  AuditEntry,
  CampaignConflict,
  CampaignItemView,
  CampaignProgress,
  CampaignState,
  ItemCounts,
  WaitReason,
} from '../shared/campaign/views.js';

export interface CampaignReport {
  /** Of this shape. */
  version: 1;
  workflowId: string;
  /** Null: ended from outside, so no state can be queried. */
  state: CampaignState | null;
  /** What is odd about it, such as an end from outside. */
  note: string | null;
  /** Times are ISO 8601. */
  madeAt: string;
  startedAt: string;
  /** Null: it still runs. */
  finishedAt: string | null;
  actor: string | null;
  reason: string | null;
  counts: ItemCounts;
  /** Null where no worker could be asked. */
  limits: CampaignLimits | null;
  budget: CampaignBudget | null;
  /** What holds starts by time; null or absent: nothing does, or it is over. */
  timing?: CampaignProgress['timing'];
  /** WAITING items at present, by reason. */
  waiting: Partial<Record<WaitReason, number>>;
  /** Item-milliseconds: two items that wait for a second have waited for two thousand. */
  waitedMs: Partial<Record<WaitReason, number>>;
  items: CampaignItemView[];
  /** Of both at most 300, and how many there are. */
  conflicts: CampaignConflict[];
  conflictCount: number;
  /** What is still on VIMs that were evacuated. */
  residual: CampaignConflict[];
  residualCount: number;
  audit: AuditEntry[];
}

/** The campaign's name, or the workflow id that its caller chose. */
export function titleOf({ workflowId }: Pick<CampaignReport, 'workflowId'>): string {
  return campaignLabel(workflowId);
}
