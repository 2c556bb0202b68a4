/**
 * Schedules that start a campaign again and again: at the times of a cron expression, in a time zone.
 *
 * Invariants: a name stands for one schedule. What it starts is what `CampaignClient.start` starts, under the workflow id
 * `vnf-campaign/<name>` and what Temporal appends, the time. While one still runs, no other is started: that time is
 * skipped, and counted. A start that Temporal missed is not made up for: its time of the day has passed.
 */
import {
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ServiceError,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
  type Workflow,
} from '@temporalio/client';
import { status } from '@grpc/grpc-js';
import type { CampaignInput } from '../shared/campaign/contract.js';
import { CAMPAIGN_WORKFLOW, campaignScheduleId, campaignWorkflowId, TASK_QUEUE } from '../shared/names.js';
import { cronProblem, isTimeZone } from '../shared/windows/calendar.js';
import { campaignMemo, checkedCampaign, specHashIn, summaryOf } from './campaign-client.js';
import { InvalidCampaignError, NoSuchScheduleError, OtherScheduleError } from './errors.js';
import type { MigrationClientOptions } from './options.js';

/** When a schedule starts its campaign. */
export interface ScheduleTimes {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  cron: string;
  /** An IANA name, such as `Europe/Athens`. */
  timeZone: string;
}

/** What `schedule` did. */
export interface Scheduled {
  scheduleId: string;
  /** `unchanged`: the same was scheduled already. */
  change: 'created' | 'replaced' | 'unchanged';
  nextStartAt: string | null;
}

/** One schedule, as Temporal knows it. Times are ISO 8601. */
export interface CampaignSchedule {
  name: string;
  scheduleId: string;
  /** Null: others made it, in a way of their own. */
  cron: string | null;
  timeZone: string | null;
  /** In Temporal a schedule may be paused; then nothing starts. */
  isPaused: boolean;
  nextStartAt: string | null;
  lastStartAt: string | null;
  /** Of the campaign that was started last. */
  lastWorkflowId: string | null;
  /** Starts that were left out because the campaign before still ran. */
  skippedStarts: number;
  /** Starts that were left out because Temporal was away at their time. */
  missedStarts: number;
}

type Action = ScheduleOptionsStartWorkflowAction<Workflow> & { memo: Record<string, unknown> };

/** Of a schedule Temporal keeps the times in a form of its own. This is what was given. */
const TIMES_MEMO = 'vnfCampaignSchedule';
/** Later than this, a start is no longer what was meant. */
const CATCHUP_WINDOW_MS = 600_000;

/** Schedules campaigns, lists their schedules, and ends them. */
export class CampaignSchedules {
  private readonly client: Client;
  private readonly taskQueue: string;

  constructor({ client, taskQueue = TASK_QUEUE }: MigrationClientOptions) {
    this.client = client;
    this.taskQueue = taskQueue;
  }

  /**
   * Starts a campaign at these times from now on. The same again changes nothing.
   * @throws InvalidCampaignError with every problem; OtherScheduleError unless `replace`
   */
  async schedule(
    input: CampaignInput,
    { name, replace = false, ...times }: ScheduleTimes & { name: string; replace?: boolean },
  ): Promise<Scheduled> {
    const options = this.optionsOf(input, { name, times });
    const { scheduleId } = options;
    try {
      await this.client.schedule.create(options);
      return { scheduleId, change: 'created', nextStartAt: await this.nextStartAt(scheduleId) };
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw refusal(error);
    }
    const present = await this.client.schedule.getHandle(scheduleId).describe();
    const isSame = isSameAction(options.action, present);
    if (!isSame && !replace) throw new OtherScheduleError(scheduleId);
    if (!isSame) await this.replace(options);
    const change = isSame ? 'unchanged' : 'replaced';
    return { scheduleId, change, nextStartAt: await this.nextStartAt(scheduleId) };
  }

  /** Ends a schedule. A campaign that it has started runs on. @throws NoSuchScheduleError */
  async unschedule(name: string): Promise<{ scheduleId: string }> {
    const scheduleId = campaignScheduleId(name);
    try {
      await this.client.schedule.getHandle(scheduleId).delete();
      return { scheduleId };
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) throw new NoSuchScheduleError(scheduleId);
      throw error;
    }
  }

  /** All schedules of campaigns, by name. Temporal lists a new one after a moment. */
  async list(): Promise<CampaignSchedule[]> {
    const prefix = campaignScheduleId('');
    const names: string[] = [];
    for await (const { scheduleId } of this.client.schedule.list()) {
      if (scheduleId.startsWith(prefix)) names.push(scheduleId.slice(prefix.length));
    }
    const found = await Promise.all(names.sort().map((name) => this.find(name)));
    return found.filter((schedule) => schedule !== null);
  }

  /** Null: there is none of this name. */
  async find(name: string): Promise<CampaignSchedule | null> {
    try {
      return viewOf(name, await this.client.schedule.getHandle(campaignScheduleId(name)).describe());
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return null;
      throw error;
    }
  }

  /** @throws InvalidCampaignError with every problem of campaign, name and times */
  private optionsOf(
    input: CampaignInput,
    { name, times }: { name: string; times: ScheduleTimes },
  ): ScheduleOptions<Action> {
    const otherProblems = timesProblems(times).map(({ field, message }) => `${field}: ${message}`);
    const spec = checkedCampaign(input, { name, otherProblems });
    const { cron, timeZone } = times;
    const { reason } = spec;
    return {
      scheduleId: campaignScheduleId(name),
      spec: { cronExpressions: [cron], timezone: timeZone },
      action: {
        type: 'startWorkflow',
        workflowType: CAMPAIGN_WORKFLOW,
        workflowId: campaignWorkflowId(name),
        taskQueue: this.taskQueue,
        args: [input],
        memo: { ...campaignMemo(spec), [TIMES_MEMO]: { cron, timeZone } },
        staticSummary: summaryOf(input),
      },
      policies: { overlap: 'SKIP', catchupWindow: CATCHUP_WINDOW_MS },
      ...(reason === undefined ? {} : { state: { note: reason } }),
    };
  }

  private async replace({
    scheduleId,
    spec,
    action,
    policies,
    state,
  }: ScheduleOptions<Action>): Promise<void> {
    try {
      await this.client.schedule.getHandle(scheduleId).update(({ state: { paused } }) => ({
        // One that somebody has paused stays so.
        ...{ spec, action, state: { paused, ...(state?.note !== undefined && { note: state.note }) } },
        ...(policies && { policies }),
      }));
    } catch (error) {
      throw refusal(error);
    }
  }

  private async nextStartAt(scheduleId: string): Promise<string | null> {
    const { info } = await this.client.schedule.getHandle(scheduleId).describe();
    return info.nextActionTimes[0]?.toISOString() ?? null;
  }
}

export interface TimesProblem {
  field: keyof ScheduleTimes;
  message: string;
}

/** Empty: the campaign can be scheduled so. */
export function timesProblems({ cron, timeZone }: ScheduleTimes): TimesProblem[] {
  const wrongCron = cronProblem(cron) ?? twoKindsOfDay(cron);
  return [
    ...(wrongCron === null ? [] : [{ field: 'cron' as const, message: wrongCron }]),
    ...(isTimeZone(timeZone)
      ? []
      : [{ field: 'timeZone' as const, message: `unknown time zone ${JSON.stringify(timeZone)}` }]),
  ];
}

/** Cron takes a day that fits one of the two; Temporal takes one that fits both. */
function twoKindsOfDay(cron: string): string | null {
  const [, , dayOfMonth = '', , dayOfWeek = ''] = cron.trim().split(/\s+/);
  if (dayOfMonth.startsWith('*') || dayOfWeek.startsWith('*')) return null;
  return 'expected * as the day of the month or as the day of the week: of both, programs make different days';
}

/** What Temporal has against the times is wrong input, too. */
function refusal(error: unknown): unknown {
  const cause = error instanceof ServiceError ? error.cause : undefined;
  if (!isGrpcServiceError(cause) || cause.code !== status.INVALID_ARGUMENT) return error;
  return new InvalidCampaignError([`Temporal refuses the schedule: ${cause.details}`]);
}

function isSameAction({ memo, taskQueue }: Action, { action: present }: ScheduleDescription): boolean {
  const [own, its] = [timesIn(memo), timesIn(present.memo)];
  return (
    specHashIn(memo) === specHashIn(present.memo) &&
    own?.cron === its?.cron &&
    own?.timeZone === its?.timeZone &&
    taskQueue === present.taskQueue
  );
}

function timesIn(memo: Record<string, unknown> | undefined): ScheduleTimes | null {
  return (memo?.[TIMES_MEMO] ?? null) as ScheduleTimes | null;
}

function viewOf(name: string, { scheduleId, action, state, info }: ScheduleDescription): CampaignSchedule {
  const { cron = null, timeZone = null } = timesIn(action.memo) ?? {};
  const last = info.recentActions.at(-1);
  return {
    ...{ name, scheduleId, cron, timeZone, isPaused: state.paused },
    nextStartAt: info.nextActionTimes[0]?.toISOString() ?? null,
    lastStartAt: last?.takenAt.toISOString() ?? null,
    lastWorkflowId: last?.action.workflow.workflowId ?? null,
    skippedStarts: info.numActionsSkippedOverlap,
    missedStarts: info.numActionsMissedCatchupWindow,
  };
}
