/** The VIMs of the MANO's adaptor, with their load, the VNFs on them, and the migrations to and from them. */
import { Command } from 'commander';
import { sourceVimKey, targetVimKey } from '../../client/search-attributes.js';
import { createRepositoryClient } from '../../repository/client.js';
import { snapshotOf } from '../../repository/inventory.js';
import { TERMINATED } from '../../shared/campaign/plan.js';
import type { Usage, Vim } from '../../shared/vim/vim.js';
import { vimListSource } from '../../vims/source.js';
import { CommandError } from '../exit-codes.js';
import { printJson, printLine, table } from '../output/print.js';
import { withTemporal, type Context } from '../temporal/context.js';

export function vimsCommand(): Command {
  return new Command('vims')
    .description('list the VIMs: their load, the VNFs there (with REPOSITORY_URL), and what moves now')
    .option('--json', 'print them as JSON')
    .action(({ json }: { json?: boolean }) => withTemporal((context) => vims(context, json === true)));
}

interface VimRow extends Vim {
  /** VNFs that live there; null without a repository. */
  vnfs: number | null;
  /** Running migrations to the VIM, and away from it as far as their source is known. */
  movingIn: number;
  movingOut: number;
}

async function vims(context: Context, json: boolean): Promise<void> {
  const answer = await vimListSource(context.config)();
  if (answer.kind === 'unavailable') throw new CommandError(`no list of VIMs: ${answer.reason}`);
  const [vnfs, moving] = await Promise.all([vnfCounts(context), movingCounts(context)]);
  const rows = [...answer.vims].sort(byName).map((vim): VimRow => ({
    ...vim,
    vnfs: vnfs === null ? null : (vnfs.get(vim.uuid) ?? 0),
    movingIn: moving.in.get(vim.uuid) ?? 0,
    movingOut: moving.out.get(vim.uuid) ?? 0,
  }));
  if (json) printJson({ vims: rows });
  else for (const line of tableOf(rows)) printLine(line);
}

function byName(left: Vim, right: Vim): number {
  return (left.name ?? left.uuid) < (right.name ?? right.uuid) ? -1 : 1;
}

async function vnfCounts({ config: { repositoryUrl } }: Context): Promise<Map<string, number> | null> {
  if (repositoryUrl === null) return null;
  const records = await createRepositoryClient({ baseUrl: repositoryUrl }).vnfrs();
  const counts = new Map<string, number>();
  for (const { status, vimUuids } of records.map(snapshotOf)) {
    if (status !== TERMINATED) for (const vim of vimUuids) increment(counts, vim);
  }
  return counts;
}

async function movingCounts({
  client,
}: Context): Promise<{ in: Map<string, number>; out: Map<string, number> }> {
  const moving = { in: new Map<string, number>(), out: new Map<string, number>() };
  const query = `WorkflowType = 'migrateVnf' AND ExecutionStatus = 'Running'`;
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

function tableOf(rows: readonly VimRow[]): string[] {
  const cells = rows.map((row) => [
    row.name ?? '?',
    row.uuid,
    row.type ?? '?',
    row.city ?? '?',
    usageText(row.cores),
    usageText(row.memoryMb),
    row.vnfs === null ? '?' : String(row.vnfs),
    String(row.movingIn),
    String(row.movingOut),
  ]);
  return table(['name', 'uuid', 'type', 'city', 'cores', 'memory (MB)', 'VNFs', 'in', 'out'], cells);
}

function usageText(usage: Usage | null): string {
  return usage === null ? '?' : `${String(usage.used)} of ${String(usage.total)}`;
}
