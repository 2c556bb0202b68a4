import { Command } from 'commander';
import type { Usage } from '../../shared/vim/vim.js';
import { vimOverview, type VimRow } from '../../vims/overview.js';
import { CommandError } from '../exit-codes.js';
import { printJson, printLine, table } from '../output/print.js';
import { withTemporal, type Context } from '../temporal/context.js';

export function vimsCommand(): Command {
  return new Command('vims')
    .description('list the VIMs: their load, the VNFs there (with REPOSITORY_URL), and what moves now')
    .option('--json', 'print them as JSON')
    .action(({ json }: { json?: boolean }) => withTemporal((context) => vims(context, json === true)));
}

async function vims({ config, client }: Context, json: boolean): Promise<void> {
  const overview = await vimOverview(config, client);
  if (overview.kind === 'unavailable') throw new CommandError(`no list of VIMs: ${overview.reason}`);
  if (json) printJson({ vims: overview.vims });
  else for (const line of tableOf(overview.vims)) printLine(line);
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
