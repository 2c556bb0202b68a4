/**
 * What the list of VIMs says about the target, before the first request.
 *
 * Invariants:
 * T1 Only a list that names VIMs refuses a target: where none can be had, or it is empty, the migration goes on.
 * T2 A type that the list or the VNF's record leaves open is no reason to refuse.
 */
import { knownVimsText } from '../../shared/vim/lookup.js';
import { vimLabel, type Vim } from '../../shared/vim/vim.js';
import { snapshotBefore, type Ledger } from './attempt-ledger.js';

/** Whether the list has still to be queried. */
export function needsVimList({ verifiesTarget, vims }: Ledger): boolean {
  return verifiesTarget && vims === null;
}

/** Why nothing may be sent to the target; null: nothing speaks against it. */
export function targetProblem(ledger: Ledger): string | null {
  const { vims } = ledger;
  const { vimUuid } = ledger.request;
  if (vims?.kind !== 'listed' || vims.total === 0) return null;
  const target = listedVim(ledger, vimUuid);
  if (target === null) {
    const known = knownVimsText(vims.known, { wanted: vimUuid, total: vims.total });
    return `no VIM ${vimUuid}; known are ${known}`;
  }
  const [neededType, ...others] = snapshotBefore(ledger)?.vnf?.vimTypes ?? [];
  if (neededType === undefined || others.length > 0 || target.type === null || target.type === neededType) {
    return null;
  }
  return `VIM ${vimLabel(target)} is of type ${target.type}; the VNF needs one of type ${neededType}`;
}

/** For people: why the target was not looked for; null: it was, or nobody wanted it. */
export function targetWarning({ vims }: Ledger): string | null {
  if (vims === null) return null;
  const reason =
    vims.kind === 'unavailable' ? vims.reason : vims.total === 0 ? 'the list of VIMs is empty' : null;
  return reason === null ? null : `target not verified: ${reason}`;
}

/** The VIMs that the VNF was on before; empty without a repository. */
export function sourceVimsOf(ledger: Ledger): string[] {
  return snapshotBefore(ledger)?.vnf?.vimUuids ?? [];
}

export interface Names {
  vnfName: string | null;
  serviceName: string | null;
  sourceVimName: string | null;
  targetVimName: string | null;
}

export function namesOf(ledger: Ledger): Names {
  const before = snapshotBefore(ledger);
  const [sourceVimUuid] = sourceVimsOf(ledger);
  return {
    vnfName: before?.vnf?.name ?? null,
    serviceName: before?.serviceName ?? null,
    sourceVimName: sourceVimUuid === undefined ? null : (listedVim(ledger, sourceVimUuid)?.name ?? null),
    targetVimName: listedVim(ledger, ledger.request.vimUuid)?.name ?? null,
  };
}

function listedVim({ vims }: Ledger, vimUuid: string): Vim | null {
  if (vims?.kind !== 'listed') return null;
  return vims.vims.find(({ uuid }) => uuid === vimUuid) ?? null;
}
