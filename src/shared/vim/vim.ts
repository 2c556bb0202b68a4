/**
 * A VIM as the MANO's infrastructure adaptor lists it.
 *
 * Invariant: plain JSON; what the adaptor leaves out is null.
 */

/** `vm`: Heat and its like, for virtual machines; `container`: Kubernetes and its like. */
export const VIM_TYPES = ['vm', 'container'] as const;
export type VimType = (typeof VIM_TYPES)[number];

/** Of one resource. What is used may be more than the total: VIMs overcommit. */
export interface Usage {
  used: number;
  total: number;
}

export interface Vim {
  /** In lower case. */
  uuid: string;
  /** Not unique. */
  name: string | null;
  city: string | null;
  type: VimType | null;
  cores: Usage | null;
  memoryMb: Usage | null;
}

/** A VIM as people read it: its name first. */
export function vimLabel({ uuid, name }: Pick<Vim, 'uuid' | 'name'>): string {
  return labelled(name, uuid);
}

/** A VIM, a VNF or a service as people read it: its name first, where it has one. */
export function labelled(name: string | null | undefined, uuid: string): string {
  return name == null ? uuid : `${name} (${uuid})`;
}
