/**
 * What a campaign reads outside of its migrations: the repository, Temporal, and the answer of a deaf MANO to a probe.
 *
 * Invariants: each task runs once at a time. A task that fails is retried, with growing pauses, for as long as the
 * campaign needs its result: an unreadable repository never counts as empty. A task handles at most a page of items.
 */
import { proxyActivities, proxyLocalActivities, uuid4, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { InventoryPage } from '../../activities/read-inventory.js';
import { headroomOf, MAX_ITEMS, targetVimsOf, type CampaignSpec } from '../../shared/campaign/contract.js';
import { planCampaign, wantedVims, type InventoryVnf, type PlannedItem } from '../../shared/campaign/plan.js';
import { sweepOf } from '../../shared/campaign/sweep.js';
import type { VimListing } from '../../shared/vim/answer.js';
import { makeCorrelationId } from '../../shared/correlation-id.js';
import { SEARCH_ATTRIBUTES_OF_ITEMS } from './child-migrations.js';
import { canProbe } from './facts.js';
import type { Item } from './item.js';
import { nextOutgoing, receiversOf } from './outbox.js';
import { handOver } from './receivers.js';
import type { CampaignState } from './state.js';
import { workflowIdOf } from './views.js';
import { nowMs } from '../runtime/clock.js';
import { BackgroundTask } from '../runtime/background-task.js';
import { sendOnce } from '../runtime/send-once.js';

const { readSettings, listSearchAttributes, checkReceivers } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10 seconds',
});
/** The limits of the deployment answer at once, or not at all. */
const { exchangePermits } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 3 },
});
/** The query of the list ends within 20 seconds. */
const { listVims } = proxyLocalActivities<Activities>({ startToCloseTimeout: '1 minute' });
/** A failure after these attempts is reported as `trouble`, and retried. */
const { readInventory, findPresentVnfs } = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
});
const { describeMigrations } = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
});

/** Others may have had the list queried a moment ago. */
const LIST_MAX_AGE_MS = 5_000;
/** Items of one activity. */
const INVENTORY_PAGE = 2_500;
const LOOK_UP_PAGE = 500;
const DESCRIBE_PAGE = 100;
/** A deaf MANO is probed every `PROBE_EVERY` times the probe timeout. */
const PROBE_EVERY = 2;
const NONCE_LENGTH = 16;
/** Rounds of reading evacuated VIMs again that may add items. */
const MOST_SWEEPS = 3;

export class CampaignBackgroundTasks {
  /** How many tasks have ended. After one has, another may be due. */
  ended = 0;
  /** Why the campaign is invalid, by what the repository says. */
  invalidBecause: readonly string[] | null = null;
  private readonly problems = new Map<string, string>();
  private readonly planning = new BackgroundTask();
  private readonly planningAdded = new BackgroundTask();
  private readonly sweeping = new BackgroundTask();
  private readonly lookingUp = new BackgroundTask();
  private readonly describing = new BackgroundTask();
  private readonly probing = new BackgroundTask();
  private readonly listing = new BackgroundTask();
  private readonly exchanging = new BackgroundTask();
  private readonly telling = new BackgroundTask();

  constructor(private readonly state: CampaignState) {}

  /** Once in the life of a campaign. */
  async learnSettings(): Promise<void> {
    const { facts } = this.state;
    if (facts.settings !== null) return;
    const settings = await readSettings();
    const { deployment, hasRepository, hasBus = true, hasVimList = false, hasLimits = false } = settings;
    const searchAttributes = await listSearchAttributes({ names: [...SEARCH_ATTRIBUTES_OF_ITEMS] });
    facts.settings = { deployment, hasRepository, hasBus, hasVimList, searchAttributes };
    if (hasLimits) this.state.limitsChanged();
    await this.checkReceivers();
  }

  private async checkReceivers(): Promise<void> {
    const names = receiversOf(this.state.facts);
    if (names.length === 0) return;
    const unknown = await checkReceivers({ names: [...names] });
    if (unknown.length > 0) {
      this.invalidBecause = unknown.map((name) => `notify: no receiver ${name} in NOTIFY_FILE`);
    }
  }

  /** When each task is to begin; null: not now. */
  dueMs(): (number | null)[] {
    return this.schedule().map(({ task, dueMs }) => task.nextMs(dueMs));
  }

  beginDue(): void {
    const { facts, running } = this.state;
    if (running.size > 0) facts.silenceCheckMs ??= nowMs() + facts.spec.silenceTimeout;
    for (const { name, task, dueMs, run } of this.schedule()) {
      if (!task.isDue(dueMs)) continue;
      task.begin({
        run: async () => {
          await run();
          this.problems.delete(name);
        },
        failed: (reason) => this.problems.set(name, `${name}: ${reason}`),
        ended: () => {
          this.ended += 1;
          facts.trouble = this.problems.size === 0 ? null : [...this.problems.values()].join('; ');
        },
      });
    }
  }

  /** Events are not handed to the workflows of their receivers yet. */
  get hasOutgoing(): boolean {
    return nextOutgoing(this.state.facts).length > 0;
  }

  get isTelling(): boolean {
    return this.telling.isRunning;
  }

  private schedule(): ScheduledTask[] {
    const { state } = this;
    const now = nowMs();
    const isPlanning = state.facts.phase === 'planning' && this.invalidBecause === null;
    const { planning, planningAdded, sweeping, lookingUp, describing, probing, listing, exchanging } = this;
    return [
      {
        name: 'the plan',
        task: planning,
        dueMs: isPlanning ? now : null,
        run: () => this.plan(),
      },
      {
        name: 'the plan of added items',
        task: planningAdded,
        dueMs: state.facts.phase === 'running' && state.counts.PLANNED > 0 ? now : null,
        run: () => this.planAdded(),
      },
      {
        name: 'the sweep',
        task: sweeping,
        dueMs: state.wantsSweep ? now : null,
        run: () => this.sweep(),
      },
      {
        name: 'the look for present ids',
        task: lookingUp,
        dueMs: state.lookUps.size > 0 ? now : null,
        run: () => this.lookUp(),
      },
      {
        name: 'the look at silent migrations',
        task: describing,
        dueMs: this.describeDueMs(),
        run: () => this.describe(),
      },
      { name: 'the probe', task: probing, dueMs: this.probeDueMs(), run: () => this.probe() },
      {
        name: 'the events for receivers',
        task: this.telling,
        dueMs: this.hasOutgoing ? now : null,
        run: () => handOver(state),
      },
      {
        name: 'the permits of the deployment',
        task: exchanging,
        dueMs: state.exchangeDueMs(now),
        run: () => this.exchange(),
      },
      { name: 'the list of VIMs', task: listing, dueMs: state.roomDueMs(now), run: () => this.readRoom() },
    ];
  }

  private async plan(): Promise<void> {
    const { state } = this;
    const { spec, settings } = state.facts;
    const items = spec.evacuate === undefined ? listedItems(state.items) : undefined;
    const whole: CampaignSpec = { ...spec, ...(items === undefined ? {} : { items }) };
    const inventory = settings?.hasRepository === true ? await this.inventoryFor(whole) : null;
    // Nothing is awaited where no list is wanted: histories of version 0.1 have no such step.
    const listing = this.wantsList ? await readList(whole, inventory) : null;
    const plan = planCampaign({ spec: whole, inventory, listing, atMs: nowMs() });
    if (plan.problems.length > 0) this.invalidBecause = plan.problems;
    else {
      state.plan(plan, nowMs());
      if (listing?.kind === 'listed') state.listed(listing, nowMs());
    }
  }

  private get wantsList(): boolean {
    const { spec, settings } = this.state.facts;
    const isWanted = headroomOf(spec.target) !== null || spec.policy.verifyTarget === 'auto';
    return settings?.hasVimList === true && isWanted;
  }

  private async planAdded(): Promise<void> {
    const { state } = this;
    const added = state.items.filter((item) => item.state === 'PLANNED').slice(0, INVENTORY_PAGE);
    const whole: CampaignSpec = { ...state.facts.spec, items: listedItems(added), evacuate: undefined };
    const inventory = state.facts.settings?.hasRepository === true ? await this.inventoryFor(whole) : null;
    state.joinPlanned(added, { plan: planCampaign({ spec: whole, inventory }), atMs: nowMs() });
  }

  private async readRoom(): Promise<void> {
    const { state } = this;
    const required = targetVimsOf(state.facts.spec.target);
    const wanted = Object.keys(state.facts.vimNames ?? {});
    const listing = await listVims({ required, wanted, maxAgeMs: LIST_MAX_AGE_MS });
    if (listing.kind === 'unavailable') throw new Error(listing.reason);
    state.listed(listing, nowMs());
  }

  private async inventoryFor({ evacuate, items = [] }: CampaignSpec): Promise<InventoryVnf[]> {
    if (evacuate !== undefined) return await readPages({ vimUuids: evacuate.vims });
    const ids = items.map(({ vnfUuid }) => vnfUuid);
    const known: InventoryVnf[] = [];
    for (let at = 0; at < ids.length; at += INVENTORY_PAGE) {
      known.push(...(await readPages({ vnfUuids: ids.slice(at, at + INVENTORY_PAGE) })));
    }
    return known;
  }

  private async sweep(): Promise<void> {
    const { state } = this;
    const { facts } = state;
    const inventory = await readPages({ vimUuids: facts.spec.evacuate?.vims ?? [] });
    // Aborted meanwhile, or started again.
    if (!state.wantsSweep) return;
    const known = state.items.map(plannedItemOf);
    const { items, residual } = sweepOf({
      spec: facts.spec,
      inventory,
      known,
      itemOf: (vnfUuid) => state.itemOf(vnfUuid),
    });
    const room = MAX_ITEMS - state.items.length;
    if (items.length === 0 || room <= 0 || facts.sweeps >= MOST_SWEEPS) {
      state.leave(residual);
      return;
    }
    facts.sweeps += 1;
    const reason = `round ${String(facts.sweeps)} found ${String(items.length)} more VNFs`;
    state.audit.add({ atMs: nowMs(), actor: null, action: 'sweep', reason });
    state.join(items.slice(0, room), nowMs());
  }

  private async lookUp(): Promise<void> {
    const { state } = this;
    const asked = [...state.lookUps].slice(0, LOOK_UP_PAGE).map((item) => ({ item, present: item.present }));
    const vnfs = asked.map(({ item, present }) => ({ serviceInstanceUuid: item.service, vnfUuid: present }));
    const answers = await findPresentVnfs({ vnfs });
    asked.forEach(({ item, present }, index) => {
      const found = answers[index];
      if (found !== undefined && item.present === present) state.lookedUp(item, { found, atMs: nowMs() });
    });
  }

  private async exchange(): Promise<void> {
    const { state } = this;
    const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
    const exchange = state.beginExchange();
    try {
      const answer = await exchangePermits({
        holder: { kind: 'campaign', workflowId, firstRunId },
        ...exchange,
      });
      state.exchanged(exchange, { answer, atMs: nowMs() });
    } catch (error) {
      state.notExchanged();
      throw error;
    }
  }

  private describeDueMs(): number | null {
    const due = [this.state.nextOwnerMs(), this.state.facts.silenceCheckMs].filter((atMs) => atMs !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  private async describe(): Promise<void> {
    const { state } = this;
    const { facts } = state;
    const now = nowMs();
    const items = state.toDescribe(now, DESCRIBE_PAGE);
    const isCheckOver = facts.silenceCheckMs !== null && facts.silenceCheckMs <= now;
    if (isCheckOver && items.length < DESCRIBE_PAGE) facts.silenceCheckMs = null;
    if (items.length === 0) return;
    const asked = items.map((item) => ({ item, runId: item.runId, isOwned: item.isOwned }));
    try {
      const workflowIds = items.map(workflowIdOf);
      const standings = await describeMigrations({ workflowIds });
      asked.forEach(({ item, runId, isOwned }, index) => {
        const standing = standings[index];
        // An item that has ended and started again meanwhile was not part of the query.
        if (standing === undefined || item.runId !== runId || item.isOwned !== isOwned) return;
        const isOwn = standing.campaignId === workflowInfo().workflowId;
        state.described(item, { standing, isOwn, atMs: nowMs() });
      });
    } catch (error) {
      for (const { item } of asked) state.undescribed(item, nowMs());
      throw error;
    }
  }

  private probeDueMs(): number | null {
    const { facts } = this.state;
    const isDeaf = facts.pauses['mano-deaf'] !== undefined;
    return isDeaf && canProbe(facts) ? (facts.probeMs ?? nowMs()) : null;
  }

  /** Its answer is signalled to the campaign, like any answer to a message of ours. */
  private async probe(): Promise<void> {
    const { facts } = this.state;
    const timeoutMs = facts.spec.policy.probeTimeout;
    const deployment = facts.settings?.deployment ?? '';
    const nonce = uuid4().replaceAll('-', '').slice(0, NONCE_LENGTH);
    const correlationId = makeCorrelationId({ deployment, workflowId: workflowInfo().workflowId, nonce });
    const serviceInstanceUuid = facts.deafService ?? '';
    facts.probeMs = nowMs() + PROBE_EVERY * timeoutMs;
    await sendOnce(timeoutMs, ({ publishProbe }) =>
      publishProbe({ correlationId, timeoutMs, expirationMs: timeoutMs, serviceInstanceUuid }),
    );
  }
}

interface ScheduledTask {
  /** For the message if it fails. */
  name: string;
  task: BackgroundTask;
  /** Null: not now. */
  dueMs: number | null;
  run: () => Promise<void>;
}

/** Throws where the campaign cannot go on without a list. */
async function readList(spec: CampaignSpec, inventory: readonly InventoryVnf[] | null): Promise<VimListing> {
  const needsRoom = headroomOf(spec.target) !== null;
  const maxAge = needsRoom ? { maxAgeMs: LIST_MAX_AGE_MS } : {};
  const listing = await listVims({ ...wantedVims(spec, inventory), ...maxAge });
  if (needsRoom && listing.kind === 'unavailable') throw new Error(listing.reason);
  return listing;
}

async function readPages(question: { vimUuids: string[] } | { vnfUuids: string[] }): Promise<InventoryVnf[]> {
  const vnfs: InventoryVnf[] = [];
  let after: string | null = null;
  do {
    const page: InventoryPage = await readInventory({ ...question, after });
    vnfs.push(...page.vnfs);
    after = page.next;
  } while (after !== null);
  return vnfs;
}

function listedItems(items: readonly Item[]): NonNullable<CampaignSpec['items']> {
  return items.map(({ service, vnf, target, hasOwnTarget, priority, wave }) => ({
    serviceInstanceUuid: service,
    vnfUuid: vnf,
    ...(hasOwnTarget && target !== null ? { vimUuid: target } : {}),
    priority,
    wave,
  }));
}

function plannedItemOf(item: Item): PlannedItem {
  const { service, vnf, source, target, priority, wave, vnfName, serviceName, needs } = item;
  return {
    serviceInstanceUuid: service,
    vnfUuid: vnf,
    sourceVimUuid: source,
    targetVimUuid: target,
    priority,
    wave,
    vnfName,
    serviceName,
    needs,
  };
}
