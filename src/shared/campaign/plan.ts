/**
 * What a campaign is going to do: which VNF moves where, in which stages, and what stands against it. One place
 * for the dry run and for the workflow.
 *
 * Invariants:
 * P1 Pure, and the same for the same input: the repository's own order does not show.
 * P2 Nothing is dropped silently: what is on a VIM under evacuation is an item or a conflict. An item that was
 *    asked for by its id stays an item, whatever stands against it; its migration gives the true result.
 * P3 No item is sent to where it is or to a VIM under evacuation, as far as the repository is known.
 */
import { isUuid } from '../compact-uuid.js';
import { shortDuration } from '../duration.js';
import type { VimListing } from '../vim/answer.js';
import { needsLabel, type VnfNeeds } from '../vim/demand.js';
import { knownVimsText } from '../vim/lookup.js';
import { Placement } from '../vim/placement.js';
import { millisOf } from '../windows/calendar.js';
import {
  headroomOf,
  MAX_ITEMS,
  targetVimsOf,
  type CampaignItemInput,
  type CampaignSpec,
  type CampaignTarget,
} from './contract.js';
import { nextStartMs, rememberedOpening, type TimeRules } from './time-gate.js';
import type { CampaignConflict } from './views.js';

/** One VNF as the repository has it. */
export interface InventoryVnf {
  vnfUuid: string;
  /** The services that list it; none: an orphan. */
  serviceInstanceUuids: string[];
  /** The VIM of every unit, each once. */
  vimUuids: string[];
  /** Null: its record names none. */
  status: string | null;
  /** A service lists it, and the repository has no record of it. */
  withoutRecord?: true;
  /** Of the records; absent in the history of a campaign that version 0.1 began. */
  name?: string | null;
  serviceName?: string | null;
  needs?: VnfNeeds;
}

export interface PlannedItem {
  serviceInstanceUuid: string;
  vnfUuid: string;
  /** Null where it is not known. */
  sourceVimUuid: string | null;
  /** Null: it is chosen when the item starts. */
  targetVimUuid: string | null;
  priority: number;
  wave: number;
  /** Null where they are not known. */
  vnfName: string | null;
  serviceName: string | null;
  needs: VnfNeeds | null;
}

/** Items that go together; a stage begins when the one before it has ended, and its gate is open. */
export interface PlannedStage {
  kind: 'canary' | 'wave';
  /** Of a canary: of its first item. */
  wave: number;
  /** What stands before it. */
  gate: 'none' | 'manual';
  /** Indexes of items, in the order in which they start. */
  items: number[];
}

export interface CampaignPlan {
  /** In input order; an evacuation's by VIM, service and VNF. */
  items: PlannedItem[];
  stages: PlannedStage[];
  conflicts: CampaignConflict[];
  /** Why such a campaign cannot be run at all. */
  problems: string[];
}

export interface PlanInput {
  spec: CampaignSpec;
  /** Of an evacuation: what is on its VIMs. Of a list: its items, as far as they are known. Null: no repository. */
  inventory: readonly InventoryVnf[] | null;
  /** The targets on the list of VIMs; null: it was not looked at. */
  listing?: VimListing | null;
  /** When it is to begin; absent: its windows are not looked at. */
  atMs?: number;
}

export const TERMINATED = 'terminated';

export function planCampaign({ spec, inventory, listing = null, atMs }: PlanInput): CampaignPlan {
  const found =
    spec.evacuate === undefined
      ? planList(spec, inventory)
      : inventory === null
        ? { items: [], conflicts: [], problems: [NO_REPOSITORY] }
        : planEvacuation({ spec, inventory, known: NO_ITEMS });
  const problems = [
    ...found.problems,
    ...unlistedTargets(spec, listing),
    ...(atMs === undefined ? [] : timeProblems(spec, atMs)),
  ];
  if (found.items.length > MAX_ITEMS) {
    problems.push(`${String(found.items.length)} items are more than a campaign takes: ${String(MAX_ITEMS)}`);
  }
  const conflicts = [...found.conflicts, ...conflictsWithVims(found.items, { spec, listing })];
  return { ...found, conflicts, problems, stages: stagesOf(found.items, spec) };
}

/** An empty list names no VIM, and refuses none. */
function isListed(listing: VimListing | null): listing is VimListing & { kind: 'listed' } {
  return listing?.kind === 'listed' && listing.total > 0;
}

/** Why nothing could ever start, from a time on. */
export function timeProblems(
  spec: Pick<CampaignSpec, 'windows' | 'cutoff' | 'notBefore' | 'policy'>,
  atMs: number,
): string[] {
  const rules = plannedTimeRules(spec);
  if (rules === null || nextStartMs(rules, atMs) !== null) return [];
  const cutoff = shortDuration(rules.cutoffMs);
  return [`windows: none opens for longer than the cutoff, which is ${cutoff}: nothing would ever start`];
}

/** As they are before any migration has ended; null: starts are bound to no time. */
export function plannedTimeRules({
  windows = [],
  cutoff = 'auto',
  notBefore,
  policy,
}: Pick<CampaignSpec, 'windows' | 'cutoff' | 'notBefore' | 'policy'>): TimeRules | null {
  if (windows.length === 0 && notBefore === undefined) return null;
  return {
    opening: rememberedOpening(windows),
    cutoffMs: cutoff === 'auto' ? policy.finalTimeout : cutoff,
    notBeforeMs: notBefore === undefined ? null : millisOf(notBefore),
    liftedUntilMs: null,
  };
}

function unlistedTargets({ target }: CampaignSpec, listing: VimListing | null): string[] {
  if (!isListed(listing)) return [];
  const listed = new Set(listing.vims.map(({ uuid }) => uuid));
  return targetVimsOf(target)
    .filter((uuid) => !listed.has(uuid))
    .map((wanted) => {
      const known = knownVimsText(listing.known, { wanted, total: listing.total });
      return `target: no VIM ${wanted}; known are ${known}`;
    });
}

/** What the list of VIMs says against an item. Each stays an item: its migration gives the true result. */
function conflictsWithVims(
  items: readonly PlannedItem[],
  { spec, listing }: { spec: CampaignSpec; listing: VimListing | null },
): CampaignConflict[] {
  if (!isListed(listing)) return [];
  const listed = new Set(listing.vims.map(({ uuid }) => uuid));
  const campaignTargets = new Set(targetVimsOf(spec.target));
  const placement = placementOf(spec.target);
  placement?.renew(listing.vims);
  return items.flatMap((item): CampaignConflict[] => {
    const { serviceInstanceUuid, vnfUuid, sourceVimUuid, targetVimUuid, needs } = item;
    const vimUuids = sourceVimUuid === null ? [] : [sourceVimUuid];
    const conflict = (kind: CampaignConflict['kind'], message: string): CampaignConflict[] => [
      { kind, serviceInstanceUuid, vnfUuid, vimUuids, message },
    ];
    if (targetVimUuid !== null) {
      if (listed.has(targetVimUuid) || campaignTargets.has(targetVimUuid)) return [];
      return conflict('unknown-vim', `no VIM ${targetVimUuid} is on the list`);
    }
    if (placement?.fitsNowhere({ needs, sourceVimUuid }) !== true) return [];
    return conflict('fits-nowhere', fitsNowhereText(needs));
  });
}

/** Why an item that no target VIM could take has failed. */
export function fitsNowhereText(needs: VnfNeeds | null): string {
  const what = needs === null ? 'it' : `it needs ${needsLabel(needs)}: it`;
  return `${what} would fit on no target VIM, not even on an empty one`;
}

/** Null: the targets of items do not depend on room. */
export function placementOf(target: CampaignTarget | undefined): Placement | null {
  const headroom = headroomOf(target);
  return headroom === null ? null : new Placement({ vimUuids: targetVimsOf(target), headroom });
}

/** The most VIMs of a campaign that the list is queried for; of more the names stay unknown. */
const MOST_WANTED_VIMS = 1_000;

/** What a campaign asks the list of VIMs: its targets, and for their names all others. */
export function wantedVims(
  { target, items = [], evacuate }: CampaignSpec,
  inventory: readonly InventoryVnf[] | null,
): { required: string[]; wanted: string[] } {
  const required = [...new Set(targetVimsOf(target))];
  const others = [
    ...(evacuate?.vims ?? []),
    ...items.flatMap(({ vimUuid }) => vimUuid ?? []),
    ...(inventory ?? []).flatMap(({ vimUuids }) => vimUuids),
  ];
  return { required, wanted: [...new Set([...required, ...others])].slice(0, MOST_WANTED_VIMS) };
}

const NO_REPOSITORY = 'evacuate: what is on a VIM is read from the repository, and REPOSITORY_URL is not set';
const NO_ITEMS: readonly PlannedItem[] = [];

type Found = Omit<CampaignPlan, 'stages'>;
type ListedItem = CampaignSpec['items'] extends (infer Item)[] | undefined ? Item : never;

function planList(spec: CampaignSpec, inventory: readonly InventoryVnf[] | null): Found {
  const records = new Map(inventory?.map((vnf) => [vnf.vnfUuid, vnf]));
  const targets = new Targets(spec);
  const items: PlannedItem[] = [];
  const conflicts: CampaignConflict[] = [];
  for (const item of spec.items ?? []) {
    const record = records.get(item.vnfUuid);
    const sourceVimUuid = record?.vimUuids[0] ?? null;
    const targetVimUuid = targets.take({ own: item.vimUuid, source: sourceVimUuid });
    const { serviceInstanceUuid, vnfUuid, priority, wave } = item;
    const place = { sourceVimUuid, targetVimUuid, priority, wave };
    items.push({ serviceInstanceUuid, vnfUuid, ...place, ...detailsOf(record) });
    if (inventory !== null) conflicts.push(...conflictsOf(item, { record, targetVimUuid }));
  }
  return { items, conflicts, problems: [] };
}

function detailsOf(record: InventoryVnf | undefined): Pick<PlannedItem, 'vnfName' | 'serviceName' | 'needs'> {
  const { name = null, serviceName = null, needs = null } = record ?? {};
  return { vnfName: name, serviceName, needs };
}

/** What the repository says against an item of a list. */
function conflictsOf(
  item: ListedItem,
  { record, targetVimUuid }: { record: InventoryVnf | undefined; targetVimUuid: string | null },
): CampaignConflict[] {
  const { serviceInstanceUuid, vnfUuid } = item;
  const conflict = (kind: CampaignConflict['kind'], message: string): CampaignConflict[] => [
    { kind, serviceInstanceUuid, vnfUuid, vimUuids: record?.vimUuids ?? [], message },
  ];
  if (record === undefined) return conflict('unknown', 'the repository does not know this VNF');
  if (record.withoutRecord) return conflict('no-record', WITHOUT_RECORD);
  if (record.status === TERMINATED) return conflict('unknown', 'its record says that it was terminated');
  if (!record.serviceInstanceUuids.includes(serviceInstanceUuid)) {
    const others = record.serviceInstanceUuids.join(', ');
    return conflict(
      'unknown',
      others === '' ? 'no service lists it' : `it belongs to another service: ${others}`,
    );
  }
  const [first, ...rest] = record.vimUuids;
  if (rest.length > 0) return conflict('several-vims', `its units are on ${record.vimUuids.join(', ')}`);
  if (first !== undefined && first === targetVimUuid)
    return conflict('already-there', `it is on ${first} already`);
  return [];
}

const WITHOUT_RECORD = 'its service lists it, and the repository has no record of it: it may be anywhere';

/**
 * What is on the VIMs now. `known`: items that the campaign has had before, by which a later round gives the
 * targets their share; what to do about their VNFs is the caller's business.
 */
export function planEvacuation({
  spec,
  inventory,
  known,
}: {
  spec: CampaignSpec;
  inventory: readonly InventoryVnf[];
  known: readonly PlannedItem[];
}): Found {
  const { vims = [], include } = spec.evacuate ?? {};
  const targets = new Targets(spec, known);
  const items: PlannedItem[] = [];
  const conflicts: CampaignConflict[] = [];
  const present = inventory.filter((vnf) => vnf.withoutRecord === true || isOn(vnf, vims));
  const wave = Math.max(1, ...new Set(known.map((item) => item.wave)));
  for (const vnf of present.filter(selectorOf(spec)).sort(byPlace(vims))) {
    const against = conflictOnVim(vnf);
    const [serviceInstanceUuid, sourceVimUuid] = [vnf.serviceInstanceUuids[0], vnf.vimUuids[0]];
    if (against !== null || serviceInstanceUuid === undefined || sourceVimUuid === undefined) {
      if (against !== null) conflicts.push(against);
      continue;
    }
    const targetVimUuid = targets.take({ own: undefined, source: sourceVimUuid });
    const { vnfUuid } = vnf;
    const place = { sourceVimUuid, targetVimUuid, priority: 0, wave };
    items.push({ serviceInstanceUuid, vnfUuid, ...place, ...detailsOf(vnf) });
  }
  conflicts.push(...notFound(include?.vnfUuids ?? [], present));
  const namesNothing = include?.vnfUuids.length === 0 && include.serviceInstanceUuids.length === 0;
  const problems = namesNothing ? ['evacuate.include: it names nothing; leave it out to take all'] : [];
  return { items, conflicts, problems };
}

function isOn({ vimUuids, status }: InventoryVnf, vims: readonly string[]): boolean {
  return status !== TERMINATED && vimUuids.some((vim) => vims.includes(vim));
}

/** Whether an evacuation takes a VNF. */
export function selectorOf({ evacuate }: CampaignSpec): (vnf: InventoryVnf) => boolean {
  const included = namedBy(evacuate?.include);
  const excluded = namedBy(evacuate?.exclude);
  return (vnf) => (included === null || included(vnf)) && excluded?.(vnf) !== true;
}

type Selection = NonNullable<NonNullable<CampaignSpec['evacuate']>['include']>;

function namedBy(selection: Selection | undefined): ((vnf: InventoryVnf) => boolean) | null {
  if (selection === undefined) return null;
  const vnfs = new Set(selection.vnfUuids);
  const services = new Set(selection.serviceInstanceUuids);
  return ({ vnfUuid, serviceInstanceUuids }) =>
    vnfs.has(vnfUuid) || serviceInstanceUuids.some((service) => services.has(service));
}

/** Null: it can be moved. */
export function conflictOnVim(vnf: InventoryVnf): CampaignConflict | null {
  const { vnfUuid, serviceInstanceUuids, vimUuids } = vnf;
  const conflict = (kind: CampaignConflict['kind'], message: string): CampaignConflict => {
    const serviceInstanceUuid = serviceInstanceUuids[0] ?? null;
    return { kind, serviceInstanceUuid, vnfUuid, vimUuids, message };
  };
  if (vnf.withoutRecord) return conflict('no-record', WITHOUT_RECORD);
  if (serviceInstanceUuids.length === 0)
    return conflict('orphan', 'it is on the VIM, and no service lists it');
  if (serviceInstanceUuids.length > 1) {
    return conflict('several-services', `services ${serviceInstanceUuids.join(', ')} list it`);
  }
  if (vimUuids.length > 1) return conflict('several-vims', `its units are on ${vimUuids.join(', ')}`);
  if (![vnfUuid, ...serviceInstanceUuids].every(isUuid)) {
    return conflict('unknown', 'its id, or that of its service, is no UUID in lower case');
  }
  return null;
}

function notFound(asked: readonly string[], present: readonly InventoryVnf[]): CampaignConflict[] {
  const there = new Set(present.map(({ vnfUuid }) => vnfUuid));
  return asked
    .filter((vnfUuid) => !there.has(vnfUuid))
    .map((vnfUuid) => ({
      kind: 'unknown',
      serviceInstanceUuid: null,
      vnfUuid,
      vimUuids: [],
      message: 'evacuate.include names it, and it is on none of the VIMs',
    }));
}

function byPlace(vims: readonly string[]) {
  const place = ({ vimUuids }: InventoryVnf): number => Math.min(...vimUuids.map((vim) => rankOf(vim, vims)));
  const service = ({ serviceInstanceUuids }: InventoryVnf): string => serviceInstanceUuids[0] ?? '';
  return (left: InventoryVnf, right: InventoryVnf): number =>
    compare(place(left), place(right)) ||
    compare(service(left), service(right)) ||
    compare(left.vnfUuid, right.vnfUuid);
}

function rankOf(vim: string, vims: readonly string[]): number {
  const rank = vims.indexOf(vim);
  return rank === -1 ? vims.length : rank;
}

function compare<T extends number | string>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Gives each item the VIM that the fewest have been given so far; of equals the first that was named. With
 * `most-free` it gives none: what is free is known when the item starts.
 */
class Targets {
  private readonly vims: string[];
  private readonly given = new Map<string, number>();
  private readonly isChosenLater: boolean;

  constructor(spec: CampaignSpec, known: readonly PlannedItem[] = NO_ITEMS) {
    this.vims = [...new Set(targetVimsOf(spec.target))];
    this.isChosenLater = headroomOf(spec.target) !== null;
    for (const { targetVimUuid } of known) if (targetVimUuid !== null) this.count(targetVimUuid);
  }

  take({ own, source }: { own: CampaignItemInput['vimUuid']; source: string | null }): string | null {
    if (own === undefined && this.isChosenLater) return null;
    const vim = own ?? this.emptiest(this.vims.filter((one) => one !== source)) ?? this.vims[0] ?? '';
    this.count(vim);
    return vim;
  }

  private emptiest(vims: readonly string[]): string | undefined {
    const fewest = Math.min(...vims.map((vim) => this.given.get(vim) ?? 0));
    return vims.find((vim) => (this.given.get(vim) ?? 0) === fewest);
  }

  private count(vim: string): void {
    this.given.set(vim, (this.given.get(vim) ?? 0) + 1);
  }
}

/** Indexes in the order in which items start: wave, then priority unless the input's order counts, then input. */
export function startOrder(items: readonly PlannedItem[], order: CampaignSpec['order']): number[] {
  return items
    .map((item, index) => ({ item, index }))
    .sort(
      (left, right) =>
        left.item.wave - right.item.wave ||
        (order === 'priority' ? right.item.priority - left.item.priority : 0) ||
        left.index - right.index,
    )
    .map(({ index }) => index);
}

/** A canary may take a whole wave; then its gate is also the one before the next. */
export function stagesOf(
  items: readonly PlannedItem[],
  { order, canary, waves }: Pick<CampaignSpec, 'order' | 'canary' | 'waves'>,
): PlannedStage[] {
  const inOrder = startOrder(items, order);
  const first = inOrder.slice(0, canary?.count ?? 0);
  const byWave = new Map<number, number[]>();
  for (const index of inOrder.slice(first.length)) {
    const wave = items[index]?.wave ?? 1;
    const members = byWave.get(wave);
    if (members === undefined) byWave.set(wave, [index]);
    else members.push(index);
  }
  const canaryStages: PlannedStage[] =
    first.length === 0
      ? []
      : [{ kind: 'canary', wave: items[first[0] ?? 0]?.wave ?? 1, gate: 'none', items: first }];
  const afterCanary = canary?.pauseAfter === true && first.length > 0 ? 'manual' : 'none';
  const waveStages = [...byWave].map(([wave, members], nth): PlannedStage => {
    const isNewWave = nth > 0 || (canaryStages[0] !== undefined && canaryStages[0].wave !== wave);
    const gate = (nth === 0 && afterCanary === 'manual') || (isNewWave && waves.gate === 'manual');
    return { kind: 'wave', wave, gate: gate ? 'manual' : 'none', items: members };
  });
  return [...canaryStages, ...waveStages];
}
