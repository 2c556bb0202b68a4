/**
 * How much room VIMs have, and which of them has the most.
 *
 * Invariants:
 * R1 Pure, and the same for the same input: of equals the first that was named wins.
 * R2 A VNF fits only where cores and memory are left after the load, the headroom and what is reserved.
 * R3 A VIM whose load is not known has no room for a stated demand: nobody could tell when it is full.
 */
import type { Demand } from './demand.js';
import type { Vim } from './vim.js';

export interface Candidate {
  vim: Vim;
  /** Reserved by migrations that the load does not show yet. */
  reserved: Demand;
}

export interface RoomOptions {
  /** The share of each total that stays free, 0 to 1. */
  headroom: number;
}

/** What is left for one more VNF; null where the load is not known. It may be negative. */
export function roomOf({ vim, reserved }: Candidate, { headroom }: RoomOptions): Demand | null {
  if (vim.cores === null || vim.memoryMb === null) return null;
  const left = ({ used, total }: { used: number; total: number }): number => total * (1 - headroom) - used;
  return {
    cores: left(vim.cores) - reserved.cores,
    memoryMb: left(vim.memoryMb) - reserved.memoryMb,
  };
}

/** Whether the VNF fits now. */
export function fits(demand: Demand, room: Demand | null): boolean {
  if (demand.cores === 0 && demand.memoryMb === 0) return true;
  return room !== null && room.cores >= demand.cores && room.memoryMb >= demand.memoryMb;
}

/** Whether the VNF would fit on the VIM if nothing else ran there. */
export function fitsWhenEmpty(demand: Demand, { vim, headroom }: { vim: Vim } & RoomOptions): boolean {
  const empty = (usage: Vim['cores']): Vim['cores'] => (usage === null ? null : { ...usage, used: 0 });
  const bare = { ...vim, cores: empty(vim.cores), memoryMb: empty(vim.memoryMb) };
  return fits(demand, roomOf({ vim: bare, reserved: NOTHING }, { headroom }));
}

const NOTHING: Readonly<Demand> = { cores: 0, memoryMb: 0 };

/**
 * The VIM with the most room left after the VNF is placed there; null where it fits on none.
 * Room is compared as a share of the total, by the resource that is scarcer.
 */
export function mostFree(
  candidates: readonly Candidate[],
  { demand, headroom }: { demand: Demand } & RoomOptions,
): Vim | null {
  let best: { vim: Vim; share: number } | null = null;
  for (const candidate of candidates) {
    const room = roomOf(candidate, { headroom });
    if (!fits(demand, room)) continue;
    const share = shareLeft(candidate.vim, { room, demand });
    if (best === null || share > best.share) best = { vim: candidate.vim, share };
  }
  return best?.vim ?? null;
}

/** Of the scarcer resource, after placing the VNF; a VIM without figures comes last. */
function shareLeft(vim: Vim, { room, demand }: { room: Demand | null; demand: Demand }): number {
  if (room === null) return Number.NEGATIVE_INFINITY;
  const share = (left: number, total: number | undefined): number =>
    total === undefined || total <= 0 ? 0 : left / total;
  return Math.min(
    share(room.cores - demand.cores, vim.cores?.total),
    share(room.memoryMb - demand.memoryMb, vim.memoryMb?.total),
  );
}
