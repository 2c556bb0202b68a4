import { Command } from 'commander';
import { loadConfig } from '../../settings/config.js';
import { findOrphans } from '../../doctor/repository.js';
import { runDoctor } from '../../doctor/run-doctor.js';
import { vimOfOption } from '../input/vim-names.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { printJson, printLine, table } from '../output/print.js';

interface DoctorOptions {
  orphans?: boolean;
  vim?: string;
  json?: boolean;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look whether everything that a migration needs is there and answers')
    .option('--orphans', 'list the VNFs on a VIM that no service lists (with --vim; needs REPOSITORY_URL)')
    .option('--vim <vim>', 'the VIM to look for orphans on, by name or uuid')
    .option('--json', 'print the findings as JSON')
    .action((options: DoctorOptions) => (options.orphans === true ? orphans(options) : doctor(options)));
}

const MARKS = { ok: 'ok     ', warning: 'WARNING', failed: 'FAILED ' } as const;

async function doctor({ json }: DoctorOptions): Promise<void> {
  const { ok, checks } = await runDoctor(loadConfig(process.env), ({ name, state, text }) => {
    if (json !== true) printLine(`${MARKS[state]} ${name}: ${text}`);
  });
  if (json === true) printJson({ ok, checks });
  process.exitCode = ok ? EXIT.ok : EXIT.failed;
}

async function orphans({ vim, json }: DoctorOptions): Promise<void> {
  if (vim === undefined) throw new CommandError('--orphans needs --vim <vim>', { code: EXIT.usage });
  const vimUuid = await vimOfOption('--vim', vim);
  const { orphans: found, listed } = await findOrphans(loadConfig(process.env), vimUuid);
  if (json === true) {
    printJson({ vimUuid, orphans: found, listed });
    return;
  }
  if (found.length === 0) {
    printLine(`no orphans on VIM ${vimUuid}, where services have ${listed} VNFs`);
    if (listed === 0) printLine('the repository knows of nothing at all there: is it the right VIM?');
    return;
  }
  const rows = found.map(({ vnfUuid, status, descriptorReference }) => [
    vnfUuid,
    status ?? '?',
    descriptorReference ?? '?',
  ]);
  for (const line of table(['VNF that no service lists', 'status', 'descriptor'], rows)) printLine(line);
}
