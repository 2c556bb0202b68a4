/**
 * A planned campaign with its load and its duration, of what was read.
 *
 * Invariant: pure. What could not be read is said in the report.
 */
import { headroomOf, type CampaignSpec } from '../shared/campaign/contract.js';
import { forecastLoad, type LoadForecast } from '../shared/campaign/load-forecast.js';
import type { OppositeCampaign } from '../shared/campaign/opposite.js';
import { planCampaign, type CampaignPlan, type InventoryVnf } from '../shared/campaign/plan.js';
import type { VimListAnswer } from '../shared/vim/answer.js';
import { estimate, type Estimate } from './duration-estimate.js';
import { withOpposites, type OppositesReading } from './opposites.js';
import { listingOf } from './vim-list.js';

/** The load of the VIMs, before and after. */
export interface PlannedLoad extends Pick<LoadForecast, 'vims' | 'withoutNeeds'> {
  /** Items that no target VIM has room for now. */
  waitingForRoom: number;
  /** Why there is no load; null: there is. */
  unavailable: string | null;
}

/** The plan, as a program reads it. */
export interface PlanReport extends CampaignPlan {
  name: string;
  load: PlannedLoad;
  estimate: Estimate & { assumeMs: number };
  /** Null: nobody could look. */
  oppositeCampaigns: OppositeCampaign[] | null;
  /** False: where the VNFs are, and what stands against them, is not known. */
  hasRepository: boolean;
  /** Something moves, or is there already, and nothing stands against it. */
  canRun: boolean;
}

export interface Planned {
  report: PlanReport;
  /** Of each item, by its index: where it would go; null: no VIM has room for it now. */
  targets: (string | null)[];
  /** Why nobody could look for opposite campaigns; null: somebody did. */
  oppositesUnknown: string | null;
}

/** All that a plan is made of. */
export interface PlanFacts {
  spec: CampaignSpec;
  name: string;
  /** How long a migration takes, for the estimate. */
  assumeMs: number;
  /** Null: there is no repository. */
  inventory: InventoryVnf[] | null;
  answer: VimListAnswer;
  running: OppositesReading;
  nowMs: number;
}

export function plannedFrom(facts: PlanFacts): Planned {
  const { spec, name, assumeMs, inventory, answer, running, nowMs } = facts;
  const listing = listingOf(answer, { spec, inventory, atMs: nowMs });
  const planned = withOpposites(
    withNeededList(planCampaign({ spec, inventory, listing, atMs: nowMs }), { spec, answer }),
    running,
  );
  const vims = answer.kind === 'listed' ? answer.vims : [];
  const forecast = forecastLoad(planned, { target: spec.target, vims });
  const times = estimate(withTargets(planned, forecast), { spec, assumeMs, nowMs });
  return {
    report: {
      name,
      ...planned,
      load: loadOf(forecast, answer),
      estimate: { assumeMs, ...times },
      oppositeCampaigns: running.kind === 'looked' ? running.opposites : null,
      hasRepository: inventory !== null,
      canRun: canRun(planned),
    },
    targets: forecast.targets,
    oppositesUnknown: running.kind === 'looked' ? null : running.reason,
  };
}

/** Without a list, no item of a campaign that goes where room is could start. */
function withNeededList(
  planned: CampaignPlan,
  { spec, answer }: { spec: CampaignSpec; answer: VimListAnswer },
): CampaignPlan {
  if (headroomOf(spec.target) === null || answer.kind === 'listed') return planned;
  const problem = `most-free needs the list of VIMs, and there is none: ${answer.reason}`;
  return { ...planned, problems: [...planned.problems, problem] };
}

/** The estimate is for items that have a target now. */
function withTargets({ items, stages }: CampaignPlan, { targets }: LoadForecast): CampaignPlan {
  return {
    items: items.map((item, index) => ({ ...item, targetVimUuid: targets[index] ?? null })),
    stages: stages.map((stage) => ({
      ...stage,
      items: stage.items.filter((index) => targets[index] != null),
    })),
    conflicts: [],
    problems: [],
  };
}

function loadOf({ vims, targets, withoutNeeds }: LoadForecast, answer: VimListAnswer): PlannedLoad {
  const waitingForRoom = targets.filter((target) => target === null).length;
  const unavailable = answer.kind === 'unavailable' ? answer.reason : null;
  return { vims, withoutNeeds, waitingForRoom, unavailable };
}

/** A VNF that is already on the target is not a problem: its item ends as ALREADY_THERE. */
function canRun({ items, conflicts, problems }: CampaignPlan): boolean {
  return problems.length === 0 && items.length > 0 && conflicts.every(({ kind }) => kind === 'already-there');
}
