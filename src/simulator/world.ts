/**
 * The state of the world: the records of the repository, and what runs on the VIMs.
 *
 * Invariants: the world changes only through `apply`, so that the changes in a ledger, applied again, produce the
 * same world. The records and the infrastructure are separate, and failures make them differ. Nothing is ever
 * deleted from the repository: a VNF that was moved away stays there as `terminated`.
 */
import {
  buildNsr,
  buildVnfr,
  kindOf,
  unitNeedsOf,
  unitVims,
  type Nsr,
  type UnitNeeds,
  type VimUuid,
  type VnfFacts,
  type Vnfr,
} from './records.js';
import type { VimFacts, WorldSpec } from './world-spec.js';

/** A VNF that moves to another VIM, where it has another id. */
export interface Move {
  serviceInstanceUuid: string;
  vnfUuid: string;
  newVnfUuid: string;
  vimUuid: VimUuid;
}

export const MOVE_STEPS = ['deployed', 'recorded', 'removed', 'nsr-updated'] as const;
/**
 * deployed: the new VNF runs on its VIM · recorded: it also has a VNFR · removed: the old one is stopped and its
 * VNFR has the status `terminated` · nsr-updated: the service lists the new one.
 */
export type MoveStep = (typeof MOVE_STEPS)[number];

export type WorldChange = { change: 'added'; spec: WorldSpec } | { change: MoveStep; move: Move };

/** A VNF that actually runs, whatever the records state. */
export interface RunningVnf {
  vnfUuid: string;
  serviceInstanceUuid: string | null;
  name: string;
  vimUuids: VimUuid[];
  /** What each of its units needs; null where its record states nothing. */
  unit: UnitNeeds | null;
}

/** A VIM, and what runs there now. */
export interface LoadedVim extends VimFacts {
  ours: UnitNeeds;
}

export interface Stored<Item> {
  record: Item;
  createdAtMs: number;
}

export interface VnfSnapshot extends VnfFacts {
  status: Vnfr['status'];
}

export interface WorldSnapshot {
  vims: string[];
  services: { serviceInstanceUuid: string; vnfs: VnfSnapshot[] }[];
  /** VNFs with a record that no service lists, except terminated ones. */
  orphans: VnfSnapshot[];
  terminated: VnfSnapshot[];
  running: RunningVnf[];
}

export class World {
  readonly #nsrs = new Map<string, Stored<Nsr>>();
  readonly #vnfrs = new Map<string, Stored<Vnfr>>();
  readonly #running = new Map<string, RunningVnf>();
  readonly #vims = new Map<string, VimFacts>();

  nsr(serviceInstanceUuid: string): Nsr | undefined {
    return this.#nsrs.get(serviceInstanceUuid)?.record;
  }

  vnfr(vnfUuid: string): Vnfr | undefined {
    return this.#vnfrs.get(vnfUuid)?.record;
  }

  /** The VNFRs that a service lists, in its order. */
  vnfrsOf(serviceInstanceUuid: string): Vnfr[] {
    return (this.nsr(serviceInstanceUuid)?.network_functions ?? []).flatMap(
      ({ vnfr_id }) => this.vnfr(vnfr_id) ?? [],
    );
  }

  /** Newest first, as the repository lists them. */
  storedNsrs(): Stored<Nsr>[] {
    return [...this.#nsrs.values()].reverse();
  }

  /** Newest first, as the repository lists them. */
  storedVnfrs(): Stored<Vnfr>[] {
    return [...this.#vnfrs.values()].reverse();
  }

  storedNsr(serviceInstanceUuid: string): Stored<Nsr> | undefined {
    return this.#nsrs.get(serviceInstanceUuid);
  }

  storedVnfr(vnfUuid: string): Stored<Vnfr> | undefined {
    return this.#vnfrs.get(vnfUuid);
  }

  /** Every VIM, with what our VNFs use there, whatever the records say. */
  vims(): LoadedVim[] {
    return [...this.#vims.values()].map((facts) => ({ ...facts, ours: this.#loadOf(facts.vimUuid) }));
  }

  #loadOf(vimUuid: string): UnitNeeds {
    const load = { cores: 0, memoryMb: 0 };
    for (const { vimUuids, unit } of this.#running.values()) {
      const units = vimUuids.filter((vim) => vim === vimUuid).length;
      load.cores += units * (unit?.cores ?? 0);
      load.memoryMb += units * (unit?.memoryMb ?? 0);
    }
    return load;
  }

  apply(change: WorldChange, atMs: number): void {
    switch (change.change) {
      case 'added':
        this.#add(change.spec, atMs);
        return;
      case 'deployed':
        this.#deploy(change.move);
        return;
      case 'recorded':
        this.#record(change.move, atMs);
        return;
      case 'removed':
        this.#remove(change.move, atMs);
        return;
      case 'nsr-updated':
        this.#updateNsr(change.move, atMs);
        return;
    }
  }

  snapshot(): WorldSnapshot {
    const listed = new Set<string>();
    const services = [...this.#nsrs.keys()].map((serviceInstanceUuid) => {
      const vnfs = this.vnfrsOf(serviceInstanceUuid).map(vnfSnapshot);
      vnfs.forEach((vnf) => listed.add(vnf.vnfUuid));
      return { serviceInstanceUuid, vnfs };
    });
    const unlisted = [...this.#vnfrs.values()]
      .map(({ record }) => vnfSnapshot(record))
      .filter((vnf) => !listed.has(vnf.vnfUuid));
    return {
      vims: [...this.#vims.keys()],
      services,
      orphans: unlisted.filter((vnf) => vnf.status !== 'terminated'),
      terminated: unlisted.filter((vnf) => vnf.status === 'terminated'),
      running: [...this.#running.values()],
    };
  }

  #add(spec: WorldSpec, atMs: number): void {
    spec.vims.forEach((vimUuid) => this.#addVim({ vimUuid }));
    spec.vimFacts.forEach((facts) => this.#vims.set(facts.vimUuid, facts));
    for (const { serviceInstanceUuid, vnfs } of spec.services) {
      const vnfrs = vnfs.map((vnf) => buildVnfr(vnf, { serviceInstanceUuid, isMoved: false }));
      vnfs.forEach((vnf, index) => {
        const vnfr = vnfrs[index];
        if (vnfr !== undefined) this.#store({ ...vnfr, status: vnf.status }, atMs);
        if (vnf.status !== 'terminated' && vnfr !== undefined) this.#run(vnfr, serviceInstanceUuid);
      });
      this.#nsrs.set(serviceInstanceUuid, {
        record: buildNsr(serviceInstanceUuid, vnfrs),
        createdAtMs: atMs,
      });
    }
    for (const vnf of spec.orphans) {
      const vnfr = buildVnfr(vnf, { serviceInstanceUuid: 'unknown', isMoved: false });
      this.#store({ ...vnfr, status: vnf.status }, atMs);
      if (vnf.status !== 'terminated') this.#run(vnfr, null);
    }
  }

  #run(vnfr: Vnfr, serviceInstanceUuid: string | null): void {
    const vimUuids = unitVims(vnfr);
    const { id: vnfUuid, name } = vnfr;
    this.#running.set(vnfUuid, { vnfUuid, serviceInstanceUuid, name, vimUuids, unit: unitNeedsOf(vnfr) });
    vimUuids.forEach((vimUuid) => vimUuid !== null && this.#addVim({ vimUuid }));
  }

  #addVim(facts: VimFacts): void {
    if (!this.#vims.has(facts.vimUuid)) this.#vims.set(facts.vimUuid, facts);
  }

  /** Works like the repository's PUT: the old document is deleted, so that the record becomes the newest. */
  #store(vnfr: Vnfr, atMs: number): void {
    this.#vnfrs.delete(vnfr.id);
    this.#vnfrs.set(vnfr.id, { record: vnfr, createdAtMs: atMs });
  }

  #deploy(move: Move): void {
    const old = this.vnfr(move.vnfUuid);
    if (old === undefined) return;
    const { serviceInstanceUuid } = move;
    this.#run(buildVnfr(movedFacts(old, move), { serviceInstanceUuid, isMoved: true }), serviceInstanceUuid);
  }

  #record(move: Move, atMs: number): void {
    const old = this.vnfr(move.vnfUuid);
    if (old === undefined) return;
    const { serviceInstanceUuid } = move;
    this.#store(buildVnfr(movedFacts(old, move), { serviceInstanceUuid, isMoved: true }), atMs);
  }

  #remove(move: Move, atMs: number): void {
    this.#running.delete(move.vnfUuid);
    const old = this.vnfr(move.vnfUuid);
    if (old !== undefined) this.#store({ ...old, status: 'terminated' }, atMs);
  }

  /** The new VNF comes last, as in the list of VNFRs that READY carries. */
  #updateNsr(move: Move, atMs: number): void {
    const record = buildNsr(move.serviceInstanceUuid, this.#vnfrsAfter(move));
    this.#nsrs.delete(move.serviceInstanceUuid);
    this.#nsrs.set(move.serviceInstanceUuid, { record, createdAtMs: atMs });
  }

  #vnfrsAfter(move: Move): Vnfr[] {
    const stay = this.vnfrsOf(move.serviceInstanceUuid).filter(
      ({ id }) => id !== move.vnfUuid && id !== move.newVnfUuid,
    );
    const moved = this.vnfr(move.newVnfUuid);
    return moved === undefined ? stay : [...stay, moved];
  }
}

function vnfSnapshot(vnfr: Vnfr): VnfSnapshot {
  return {
    vnfUuid: vnfr.id,
    name: vnfr.name,
    kind: kindOf(vnfr),
    vimUuids: unitVims(vnfr),
    status: vnfr.status,
  };
}

function movedFacts(old: Vnfr, move: Move): VnfFacts {
  const units = unitVims(old);
  return {
    vnfUuid: move.newVnfUuid,
    name: old.name,
    kind: kindOf(old),
    vimUuids: units.map(() => move.vimUuid),
    unit: unitNeedsOf(old) ?? undefined,
  };
}
