/**
 * Which of several VIMs the next VNF goes to, by the room that is left after what is reserved.
 *
 * Invariants:
 * P1 Pure, and the same for the same calls: of equals the VIM that was named first wins.
 * P2 What was reserved and not released counts beside the load of the last list, even where the load has it already:
 *    a VIM may look fuller than it is, never emptier.
 * P3 A VIM that is not listed, or of another type than the VNF needs, takes nothing.
 */
import type { Demand, VnfNeeds } from './demand.js';
import { fitsWhenEmpty, mostFree, type Candidate } from './room.js';
import type { Vim } from './vim.js';

export interface PlacementOptions {
  /** Uuids, in the order in which they were named. */
  vimUuids: readonly string[];
  /** The share of each total that stays free, 0 to 1. */
  headroom: number;
}

export interface Choice {
  needs: VnfNeeds | null;
  /** Where the VNF is: it is not moved to the same VIM. Null: not known. */
  sourceVimUuid: string | null;
}

const NOTHING: Readonly<Demand> = { cores: 0, memoryMb: 0 };

export class Placement {
  private listed = new Map<string, Vim>();
  private readonly reserved = new Map<string, Demand>();

  constructor(private readonly options: PlacementOptions) {}

  /** The load as a new list has it. What was reserved stays reserved. */
  renew(vims: readonly Vim[]): void {
    this.listed = new Map(vims.map((vim) => [vim.uuid, vim]));
  }

  reserve(vimUuid: string, { demand }: VnfNeeds): void {
    const { cores, memoryMb } = this.reservedOn(vimUuid);
    this.reserved.set(vimUuid, { cores: cores + demand.cores, memoryMb: memoryMb + demand.memoryMb });
  }

  releaseAll(): void {
    this.reserved.clear();
  }

  reservedOn(vimUuid: string): Demand {
    return this.reserved.get(vimUuid) ?? NOTHING;
  }

  /** Among the VIMs for which `isOpen` holds; null: none of them has room for the VNF. */
  choose(choice: Choice, isOpen: (vimUuid: string) => boolean = () => true): string | null {
    const candidates = this.candidatesFor(choice).filter(({ vim }) => isOpen(vim.uuid));
    const { headroom } = this.options;
    return mostFree(candidates, { demand: choice.needs?.demand ?? NOTHING, headroom })?.uuid ?? null;
  }

  /** Whether no VIM could take the VNF even if it were empty. False while that is not known of one of them. */
  fitsNowhere(choice: Choice): boolean {
    const demand = choice.needs?.demand ?? NOTHING;
    const { headroom } = this.options;
    return this.vimsBut(choice.sourceVimUuid).every((uuid) => {
      const vim = this.listed.get(uuid);
      if (vim === undefined || !isOfType(vim, choice.needs)) return vim !== undefined;
      const isKnown = vim.cores !== null && vim.memoryMb !== null;
      return isKnown && !fitsWhenEmpty(demand, { vim, headroom });
    });
  }

  private candidatesFor({ needs, sourceVimUuid }: Choice): Candidate[] {
    return this.vimsBut(sourceVimUuid).flatMap((uuid): Candidate[] => {
      const vim = this.listed.get(uuid);
      return vim === undefined || !isOfType(vim, needs) ? [] : [{ vim, reserved: this.reservedOn(uuid) }];
    });
  }

  private vimsBut(sourceVimUuid: string | null): string[] {
    return this.options.vimUuids.filter((uuid) => uuid !== sourceVimUuid);
  }
}

/** A VNF whose units need several types is no reason to refuse a VIM of one of them. */
function isOfType({ type }: Vim, needs: VnfNeeds | null): boolean {
  const [needed, ...others] = needs?.vimTypes ?? [];
  return needed === undefined || others.length > 0 || type === null || type === needed;
}
