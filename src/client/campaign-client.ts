/**
 * What TypeScript callers and the command line use to start campaigns, follow them and give them orders.
 *
 * Invariants: a name stands for one campaign: starting the same specification again joins the one that runs, and
 * another specification, or a campaign that has run to its end, is an error. How a campaign ended is read from
 * what Temporal keeps of it: no worker is needed.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import {
  headroomOf,
  parseCampaign,
  targetVimsOf,
  type CampaignBudget,
  type CampaignInput,
  type CampaignSpec,
  type CampaignTarget,
  type ControlInput,
  type ControlName,
} from '../shared/campaign/contract.js';
import { failbackOf, type Failback } from '../shared/campaign/failback.js';
import type { OppositeCampaign } from '../shared/campaign/opposite.js';
import { CAMPAIGN_WORKFLOW, campaignWorkflowId } from '../shared/names.js';
import type {
  AuditEntry,
  CampaignItemsPage,
  CampaignItemsQuery,
  CampaignItemView,
  CampaignProgress,
  CampaignResult,
  ItemState,
} from '../shared/campaign/views.js';
import { type Phase } from '../shared/migration/contract.js';
import { TASK_QUEUE } from '../shared/names.js';
import {
  campaignAuditQuery,
  campaignControls,
  campaignItemsQuery,
  campaignProgressQuery,
  migrationStateQuery,
} from '../workflows/messages.js';
import { ask } from './call-with-retry.js';
import { startedWith } from './campaign-input.js';
import { nameProblem } from './campaign-name.js';
import { campaignsQuery } from './campaigns-query.js';
import {
  CampaignEndedError,
  CampaignError,
  ControlRefusedError,
  InvalidCampaignError,
  OppositeCampaignError,
  OtherCampaignRunsError,
} from './errors.js';
import { oppositesOf, vimsMemoOf } from './opposite-campaigns.js';
import type { MigrationClientOptions } from './options.js';
import { searchAttributesOfCampaign } from './search-attributes.js';
import { startFindable, startRunBy, type StartRun } from './start-run.js';

export type CampaignWorkflow = (input: CampaignInput) => Promise<CampaignResult>;

export interface CampaignStarted {
  workflowId: string;
  runId: string;
  /** False: the same campaign was running already. */
  isNew: boolean;
}

export type CampaignEnding =
  { kind: 'result'; result: CampaignResult } | { kind: 'error'; error: CampaignError };

/** The last run of a campaign, by Temporal's word. Times are ISO 8601. */
export interface LatestRun {
  workflowId: string;
  status: string;
  startedAt: string;
  closedAt: string | null;
}

/** All of a specification but what moves, where to and why: what a retry of it goes on with. */
export type CampaignSettings = Pick<
  CampaignSpec,
  'limits' | 'order' | 'waves' | 'budget' | 'policy' | 'silenceTimeout' | 'windows' | 'cutoff' | 'rampUp'
> & {
  /** Only where each item goes where room is. */
  target?: CampaignTarget;
};

interface PresentSettings {
  settings: Partial<CampaignSettings>;
  /** False: what it was started with is no longer known, and the defaults hold. */
  knowsSettings: boolean;
}

/** What we write into a campaign's memo. */
interface CampaignMemo {
  specHash: string;
  settings: CampaignSettings;
}

const MEMO = 'vnfCampaignSpec';
/** A query waits for a worker; the server would wait far longer. */
const QUERY_TIMEOUT_MS = 5_000;
const CONTROL_TIMEOUT_MS = 15_000;
/** Good to know, and not worth waiting for. */
const PHASE_TIMEOUT_MS = 1_000;
/** What a retry takes up again, beside what never began. */
const NOT_MOVED: readonly ItemState[] = ['FAILED', 'UNKNOWN', 'CANCELLED', 'PLANNED', 'WAITING'];

/** Starts, follows and steers campaigns. */
export class CampaignClient {
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly startRun: StartRun;

  constructor({ client, taskQueue = TASK_QUEUE, startRun = startRunBy(client) }: MigrationClientOptions) {
    this.client = client;
    this.taskQueue = taskQueue;
    this.startRun = startRun;
  }

  /**
   * Starts a campaign, or joins the same one where it runs. `anyway`: also where a running campaign works against it.
   * @throws InvalidCampaignError, OppositeCampaignError, OtherCampaignRunsError, CampaignEndedError
   */
  async start(
    input: CampaignInput,
    { name, anyway = false }: { name: string; anyway?: boolean },
  ): Promise<CampaignStarted> {
    const spec = checkedCampaign(input, { name });
    const workflowId = campaignWorkflowId(name);
    if (!anyway) {
      const opposites = await this.opposites(spec, workflowId);
      if (opposites.length > 0) throw new OppositeCampaignError(opposites);
    }
    try {
      return { workflowId, runId: await this.startWorkflow({ workflowId, input, spec }), isNew: true };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return await this.join(workflowId, spec);
    }
  }

  /** Running campaigns that work against one of that workflow id: one empties a VIM that the other fills. */
  async opposites(spec: CampaignSpec, workflowId: string): Promise<OppositeCampaign[]> {
    return await oppositesOf(this.client, { spec, workflowId });
  }

  /** Where a campaign stands; asks its workflow, so a worker must be running. */
  async progress(workflowId: string): Promise<CampaignProgress> {
    return await this.ask(() => this.handle(workflowId).query(campaignProgressQuery));
  }

  /** Where the migrations that are shown in flight stand; null: it could not be asked. */
  async withPhases(progress: CampaignProgress): Promise<CampaignProgress> {
    const inFlight = await Promise.all(
      progress.inFlight.map(async (one) => ({ ...one, phase: await this.phaseOf(one.workflowId) })),
    );
    return { ...progress, inFlight };
  }

  /** All its items, or those in some states, or those that began or ended at or after a time (ISO 8601). */
  async items(
    workflowId: string,
    filter: Omit<CampaignItemsQuery, 'fromIndex'> = {},
  ): Promise<CampaignItemView[]> {
    const items: CampaignItemView[] = [];
    for (let fromIndex: number | null = 0; fromIndex !== null;) {
      const page: CampaignItemsPage = await this.itemsPage(workflowId, { ...filter, fromIndex });
      items.push(...page.items);
      fromIndex = page.nextIndex;
    }
    return items;
  }

  /** A page of its items; by default the first of all. Asks its workflow, so a worker must be running. */
  async itemsPage(workflowId: string, query: CampaignItemsQuery = {}): Promise<CampaignItemsPage> {
    return await this.ask(() => this.handle(workflowId).query(campaignItemsQuery, query));
  }

  /** Who ordered what, and what the campaign did by itself. */
  async audit(workflowId: string): Promise<AuditEntry[]> {
    return await this.ask(() => this.handle(workflowId).query(campaignAuditQuery));
  }

  /**
   * Gives a running campaign an order; returns its progress after it.
   *
   * With an `idempotencyKey` the same order (the same input, its actor included) is carried out once, however often it is
   * given with that key: again, it returns the progress after the first time. So an order that is meant anew needs a key of
   * its own. The key with another order is another order. All this holds within one run of the campaign: one that has
   * gone on as a new run since, after thousands of events, carries the order out again, or refuses it as it stands by then.
   * What was refused is checked again each time.
   * @throws ControlRefusedError
   */
  async control<Name extends ControlName>(
    workflowId: string,
    {
      order,
      input,
      idempotencyKey,
    }: { order: Name; input: ControlInput<Name>; idempotencyKey?: string | undefined },
  ): Promise<CampaignProgress> {
    const update = campaignControls[order];
    // Of its own: what is given again while a call lasts is carried out once.
    const updateId =
      idempotencyKey === undefined ? randomUUID() : updateIdOf({ order, input, idempotencyKey });
    const question = (): Promise<CampaignProgress> =>
      this.handle(workflowId).executeUpdate(update, { args: [input], updateId });
    try {
      return await ask(this.client, { question, timeoutMs: CONTROL_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      throw new ControlRefusedError(error.cause?.message ?? error.message, { cause: error });
    }
  }

  /** Waits for the end. @throws CampaignError */
  async result(workflowId: string): Promise<CampaignResult> {
    const ending = await this.ending(workflowId);
    if (ending.kind === 'error') throw ending.error;
    return ending.result;
  }

  /** Waits for the end, whatever it is. */
  async ending(workflowId: string): Promise<CampaignEnding> {
    try {
      return { kind: 'result', result: await this.handle(workflowId).result() };
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      return { kind: 'error', error: campaignError(error) };
    }
  }

  /** What a campaign that has ended left: FAILED, UNKNOWN, CANCELLED and what never began, by their present ids. */
  async leftOver(workflowId: string): Promise<{ input: CampaignInput; knowsSettings: boolean } | null> {
    const items = await this.itemsOfEnded(workflowId, { states: [...NOT_MOVED] });
    if (items.length === 0) return null;
    const { settings, knowsSettings } = await this.presentSettings(workflowId);
    const targets = targetVimsOf(settings.target);
    return {
      input: { ...settings, items: items.map((item) => itemAgain(item, targets)) },
      knowsSettings,
    };
  }

  /** What moves back what a campaign has moved so far, with its settings. */
  async failback(workflowId: string): Promise<Failback & { knowsSettings: boolean }> {
    const { status } = await this.describe(workflowId);
    const items =
      status.name === 'RUNNING' ? await this.items(workflowId) : await this.itemsOfEnded(workflowId);
    const { settings, knowsSettings } = await this.presentSettings(workflowId);
    return { ...failbackOf(items, settings), knowsSettings };
  }

  /** The latest runs, the newest first. */
  async *list({ status }: { status?: string } = {}): AsyncGenerator<LatestRun> {
    for await (const run of this.client.workflow.list({ query: campaignsQuery({ status }) })) {
      yield {
        workflowId: run.workflowId,
        status: run.status.name,
        startedAt: run.startTime.toISOString(),
        closedAt: run.closeTime?.toISOString() ?? null,
      };
    }
  }

  /** What Temporal itself knows of the campaign's workflow. */
  async describe(workflowId: string): Promise<WorkflowExecutionDescription> {
    return await this.within(QUERY_TIMEOUT_MS, () => this.handle(workflowId).describe());
  }

  private async phaseOf(workflowId: string): Promise<Phase | null> {
    const migration = this.client.workflow.getHandle(workflowId);
    const phase = async (): Promise<Phase> => (await migration.query(migrationStateQuery)).phase;
    return await this.within(PHASE_TIMEOUT_MS, phase).catch(() => null);
  }

  private handle(workflowId: string): WorkflowHandle<CampaignWorkflow> {
    return this.client.workflow.getHandle<CampaignWorkflow>(workflowId);
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    return await ask(this.client, { question, timeoutMs: QUERY_TIMEOUT_MS });
  }

  private async within<T>(timeoutMs: number, call: () => Promise<T>): Promise<T> {
    return await this.client.withDeadline(Date.now() + timeoutMs, call);
  }

  private async itemsOfEnded(
    workflowId: string,
    filter: { states?: ItemState[] } = {},
  ): Promise<CampaignItemView[]> {
    const ending = await this.ending(workflowId);
    // One that was ended from outside has no result, but reports its items.
    if (ending.kind === 'error' && ending.error.type !== null) throw ending.error;
    const known = ending.kind === 'result' ? ending.result.items : null;
    if (known === null) return await this.items(workflowId, filter);
    return known.filter(({ state }) => filter.states?.includes(state) ?? true);
  }

  /** Limits and budget are as they were last set, if a worker can tell. */
  private async presentSettings(workflowId: string): Promise<PresentSettings> {
    const description = await this.describe(workflowId);
    const own = memoIn(description)?.settings ?? (await this.settingsInHistory(description));
    const { limits, budget } = (await this.progress(workflowId).catch(() => null)) ?? {};
    const changed = { ...(limits && { limits }), ...(budget && { budget: budgetOf(budget) }) };
    return { settings: { ...own, ...changed }, knowsSettings: own !== null };
  }

  /** Of a campaign that was started without our memo. */
  private async settingsInHistory(run: WorkflowExecutionDescription): Promise<CampaignSettings | null> {
    const spec = await startedWith(this.client, run);
    return spec === null ? null : settingsOf(spec);
  }

  private async startWorkflow(start: {
    workflowId: string;
    input: CampaignInput;
    spec: CampaignSpec;
  }): Promise<string> {
    const { workflowId, input, spec } = start;
    return await startFindable(this.startRun, {
      workflowType: CAMPAIGN_WORKFLOW,
      options: {
        workflowId,
        taskQueue: this.taskQueue,
        args: [input],
        // One that failed, or was ended from outside, may be started again; its migrations keep their ids.
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        memo: campaignMemo(spec),
        staticSummary: summaryOf(input),
      },
      typedSearchAttributes: searchAttributesOfCampaign(workflowId),
    });
  }

  private async join(workflowId: string, spec: CampaignSpec): Promise<CampaignStarted> {
    const description = await this.describe(workflowId);
    if (description.status.name !== 'RUNNING') throw new CampaignEndedError(workflowId);
    if (memoIn(description)?.specHash !== specHash(spec)) throw new OtherCampaignRunsError(workflowId);
    return { workflowId, runId: description.runId, isNew: false };
  }
}

/** Made of the order too: Temporal would answer another order under the same id with the outcome of the first. */
function updateIdOf(given: { order: ControlName; input: unknown; idempotencyKey: string }): string {
  const { order, input, idempotencyKey } = given;
  const what = JSON.stringify([idempotencyKey, order, input]);
  return `order/${createHash('sha256').update(what).digest('hex')}`;
}

/** The checked campaign. @throws InvalidCampaignError with every problem, also of the name, and others */
export function checkedCampaign(
  input: CampaignInput,
  { name, otherProblems = [] }: { name: string; otherProblems?: readonly string[] },
): CampaignSpec {
  const parsed = parseCampaign(input);
  const wrongInput = parsed.kind === 'invalid' ? parsed.problems : [];
  const wrongName = nameProblem(name);
  const problems = [...otherProblems, ...wrongInput, ...(wrongName === null ? [] : [wrongName])];
  if (parsed.kind === 'invalid' || problems.length > 0) throw new InvalidCampaignError(problems);
  return parsed.spec;
}

/**
 * The same for the same specification, in whatever order its fields were written; who wants it, and why, does not count.
 * A running campaign of an older version has the hash of that version: a field that came later does not count while it has
 * its default.
 */
export function specHash(spec: CampaignSpec): string {
  const { verifyTarget, ...policy } = spec.policy;
  // A checked specification has its fields in the order of the schema.
  const what = {
    ...spec,
    policy: verifyTarget === 'auto' ? policy : spec.policy,
    actor: null,
    reason: null,
  };
  return createHash('sha256').update(JSON.stringify(what)).digest('hex');
}

/** What is written beside a campaign, so that it can be joined, retried, and seen by opposite ones. */
export function campaignMemo(spec: CampaignSpec): Record<string, unknown> {
  const own: CampaignMemo = { specHash: specHash(spec), settings: settingsOf(spec) };
  return { [MEMO]: own, ...vimsMemoOf(spec) };
}

function settingsOf(spec: CampaignSpec): CampaignSettings {
  const { limits, order, waves, budget, policy, silenceTimeout } = spec;
  const { windows, cutoff, rampUp, notify, target } = spec;
  const isPlaced = target !== undefined && headroomOf(target) !== null;
  return {
    ...{ limits, order, waves, budget, policy, silenceTimeout },
    ...(windows && { windows }),
    ...(cutoff !== undefined && { cutoff }),
    ...(rampUp && { rampUp }),
    ...(notify && { notify }),
    ...(isPlaced && { target }),
  };
}

function memoIn({ memo }: { memo?: Record<string, unknown> | undefined }): CampaignMemo | null {
  return (memo?.[MEMO] ?? null) as CampaignMemo | null;
}

/** The hash of what a memo of ours tells of; null: it is none. */
export function specHashIn(memo: Record<string, unknown> | undefined): string | null {
  return memoIn({ memo })?.specHash ?? null;
}

/** Without what it has counted. */
function budgetOf({ maxErrors, maxConsecutive, action }: CampaignBudget): CampaignBudget {
  return { maxErrors, maxConsecutive, action };
}

/** What goes where room is goes there again: its last target may be full. */
function itemAgain(
  item: CampaignItemView,
  targetVims: readonly string[],
): NonNullable<CampaignInput['items']>[number] {
  const { serviceInstanceUuid, presentVnfUuid, targetVimUuid, priority, wave } = item;
  const hasTarget = targetVimUuid !== null && !targetVims.includes(targetVimUuid);
  const vim = hasTarget ? { vimUuid: targetVimUuid } : {};
  return { serviceInstanceUuid, vnfUuid: presentVnfUuid, ...vim, priority, wave };
}

/** What Temporal's own pages show. */
export function summaryOf({ items, evacuate }: CampaignInput): string {
  if (evacuate === undefined) return `${items?.length ?? 0} VNFs`;
  const [first = '', ...more] = evacuate.vims;
  return `evacuation of VIM ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}

function campaignError({ cause }: WorkflowFailedError): CampaignError {
  if (cause instanceof ApplicationFailure) {
    return new CampaignError({ type: cause.type ?? null, message: cause.message });
  }
  const ends = [
    [CancelledFailure, 'the campaign was cancelled'],
    [TerminatedFailure, 'the campaign was terminated from outside'],
    [TimeoutFailure, "the workflow's own execution time limit ended the campaign"],
  ] as const;
  const message = ends.find(([kind]) => cause instanceof kind)?.[1];
  return new CampaignError({ type: null, message: message ?? cause?.message ?? 'the campaign failed' });
}
