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
import { MAX_ITEMS, targetVimsOf, type CampaignSpec, type CampaignItemInput } from './contract.js';
import type { CampaignConflict } from './views.js';
import { isUuid } from '../compact-uuid.js';

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
}

export interface PlannedItem {
  serviceInstanceUuid: string;
  vnfUuid: string;
  /** Null where it is not known. */
  sourceVimUuid: string | null;
  targetVimUuid: string;
  priority: number;
  wave: number;
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
}

export const TERMINATED = 'terminated';

export function planCampaign({ spec, inventory }: PlanInput): CampaignPlan {
  const found =
    spec.evacuate === undefined
      ? planList(spec, inventory)
      : inventory === null
        ? { items: [], conflicts: [], problems: [NO_REPOSITORY] }
        : planEvacuation({ spec, inventory, known: NO_ITEMS });
  const problems = [...found.problems];
  if (found.items.length > MAX_ITEMS) {
    problems.push(`${String(found.items.length)} items are more than a campaign takes: ${String(MAX_ITEMS)}`);
  }
  return { ...found, problems, stages: stagesOf(found.items, spec) };
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
    items.push({ serviceInstanceUuid, vnfUuid, sourceVimUuid, targetVimUuid, priority, wave });
    if (inventory !== null) conflicts.push(...conflictsOf(item, { record, targetVimUuid }));
  }
  return { items, conflicts, problems: [] };
}

/** What the repository says against an item of a list. */
function conflictsOf(
  item: ListedItem,
  { record, targetVimUuid }: { record: InventoryVnf | undefined; targetVimUuid: string },
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
  if (first === targetVimUuid) return conflict('already-there', `it is on ${targetVimUuid} already`);
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
    items.push({ serviceInstanceUuid, vnfUuid, sourceVimUuid, targetVimUuid, priority: 0, wave });
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

/** Gives each item the VIM that the fewest have been given so far; of equals the first that was named. */
class Targets {
  private readonly vims: string[];
  private readonly given = new Map<string, number>();

  constructor(spec: CampaignSpec, known: readonly PlannedItem[] = NO_ITEMS) {
    this.vims = [...new Set(targetVimsOf(spec.target))];
    for (const { targetVimUuid } of known) this.count(targetVimUuid);
  }

  take({ own, source }: { own: CampaignItemInput['vimUuid']; source: string | null }): string {
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
