/** What a later look at VIMs under evacuation shows: what is new there, and what is left. Pure. */
import type { CampaignSpec } from './contract.js';
import type { CampaignConflict, ItemState } from './views.js';
import { conflictOnVim, planEvacuation, selectorOf, type InventoryVnf, type PlannedItem } from './plan.js';

export interface SweepInput {
  spec: CampaignSpec;
  /** What is on the VIMs now. */
  inventory: readonly InventoryVnf[];
  known: readonly PlannedItem[];
  /** The item that a VNF is, was, or has become. */
  itemOf: (vnfUuid: string) => { state: ItemState; message: string | null } | undefined;
}

export interface Sweep {
  /** Movable, and not known before. */
  items: PlannedItem[];
  /** Everything that is there, and why it is. */
  residual: CampaignConflict[];
}

export function sweepOf({ spec, inventory, known, itemOf }: SweepInput): Sweep {
  const isSelected = selectorOf(spec);
  const { items } = planEvacuation({ spec, inventory, known });
  return {
    items: items.filter(({ vnfUuid }) => itemOf(vnfUuid) === undefined),
    residual: inventory
      .filter((vnf) => vnf.withoutRecord === true || isLiving(vnf))
      .map((vnf) =>
        isSelected(vnf) ? (conflictOnVim(vnf) ?? leftover(vnf, itemOf(vnf.vnfUuid))) : excluded(vnf),
      ),
  };
}

function isLiving({ status }: InventoryVnf): boolean {
  return status !== 'terminated';
}

function leftover(vnf: InventoryVnf, item: ReturnType<SweepInput['itemOf']>): CampaignConflict {
  const message =
    item === undefined
      ? 'it came after the last round'
      : `its item is ${item.state}${item.message === null ? '' : `: ${item.message}`}`;
  return conflict(vnf, { kind: item?.state === 'SKIPPED' ? 'excluded' : 'still-there', message });
}

function excluded(vnf: InventoryVnf): CampaignConflict {
  return conflict(vnf, { kind: 'excluded', message: 'the campaign leaves it there' });
}

function conflict(
  { vnfUuid, serviceInstanceUuids, vimUuids }: InventoryVnf,
  { kind, message }: Pick<CampaignConflict, 'kind' | 'message'>,
): CampaignConflict {
  return { kind, serviceInstanceUuid: serviceInstanceUuids[0] ?? null, vnfUuid, vimUuids, message };
}
