/** The VIMs of the MANO's adaptor, with their load, the VNFs on them, and the migrations to and from them. */
import type { Client } from '@temporalio/client';
import { sourceVimKey, targetVimKey } from '../client/search-attributes.js';
import { createRepositoryClient } from '../repository/client.js';
import { snapshotOf } from '../repository/inventory.js';
import type { Config } from '../settings/config.js';
import { TERMINATED } from '../shared/campaign/plan.js';
import { MIGRATION_WORKFLOW } from '../shared/names.js';
import type { Vim } from '../shared/vim/vim.js';
import { vimListSource } from './source.js';

/** A VIM, and what is on its way. */
export interface VimRow extends Vim {
  /** VNFs that live there; null without a repository. */
  vnfs: number | null;
  /** Running migrations to the VIM, and away from it as far as their source is known. */
  movingIn: number;
  movingOut: number;
}

export type VimOverview = { kind: 'listed'; vims: VimRow[] } | { kind: 'unavailable'; reason: string };

/** By name. @throws what the repository's client throws, and Temporal's */
export async function vimOverview(config: Config, client: Client): Promise<VimOverview> {
  const answer = await vimListSource(config)();
  if (answer.kind === 'unavailable') return answer;
  const [vnfs, moving] = await Promise.all([vnfCounts(config), movingCounts(client)]);
  return { kind: 'listed', vims: rowsOf(answer.vims, { vnfs, moving }) };
}

type Counts = ReadonlyMap<string, number>;

interface Moving {
  in: Counts;
  out: Counts;
}

export function rowsOf(
  vims: readonly Vim[],
  { vnfs, moving }: { vnfs: Counts | null; moving: Moving },
): VimRow[] {
  return [...vims].sort(byName).map((vim) => ({
    ...vim,
    vnfs: vnfs === null ? null : (vnfs.get(vim.uuid) ?? 0),
    movingIn: moving.in.get(vim.uuid) ?? 0,
    movingOut: moving.out.get(vim.uuid) ?? 0,
  }));
}

function byName(left: Vim, right: Vim): number {
  return (left.name ?? left.uuid) < (right.name ?? right.uuid) ? -1 : 1;
}

async function vnfCounts({ repositoryUrl }: Config): Promise<Counts | null> {
  if (repositoryUrl === null) return null;
  const records = await createRepositoryClient({ baseUrl: repositoryUrl }).vnfrs();
  const counts = new Map<string, number>();
  for (const { status, vimUuids } of records.map(snapshotOf)) {
    if (status !== TERMINATED) for (const vim of vimUuids) increment(counts, vim);
  }
  return counts;
}

async function movingCounts(client: Client): Promise<Moving> {
  const moving = { in: new Map<string, number>(), out: new Map<string, number>() };
  const query = `WorkflowType = '${MIGRATION_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  for await (const { typedSearchAttributes } of client.workflow.list({ query })) {
    const target = typedSearchAttributes.get(targetVimKey);
    const source = typedSearchAttributes.get(sourceVimKey);
    if (target !== undefined) increment(moving.in, target);
    if (source !== undefined) increment(moving.out, source);
  }
  return moving;
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
