import { Command } from 'commander';
import { loadConfig } from '../../settings/config.js';
import { checkBroker } from '../../doctor/broker.js';
import { checkGatekeeper } from '../../doctor/gatekeeper.js';
import { checkPayloadKeys } from '../../doctor/payload-keys.js';
import { checkReceiversFile } from '../../doctor/receivers.js';
import { checkRepository, findOrphans } from '../../doctor/repository.js';
import { checkVimList } from '../../doctor/vim-list.js';
import { checkTemporal } from '../../doctor/temporal.js';
import type { Check } from '../../doctor/check.js';
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

/** The checks without which nothing can be asked over the bus. */
const BUS: readonly string[] = ['broker', 'exchange'];
const MARKS = { ok: 'ok     ', warning: 'WARNING', failed: 'FAILED ' } as const;

async function doctor({ json }: DoctorOptions): Promise<void> {
  const config = loadConfig(process.env);
  const checks: Check[] = [];
  const tell = (check: Check): void => {
    checks.push(check);
    if (json !== true) printLine(`${MARKS[check.state]} ${check.name}: ${check.text}`);
  };
  await checkTemporal(config, tell);
  if (config.hasBus) await checkBroker(config, tell);
  await checkGatekeeper(config, tell);
  await checkRepository(config, tell);
  // The query declares the exchange, and the doctor changes nothing.
  if (!checks.some(({ name, state }) => BUS.includes(name) && state === 'failed'))
    await checkVimList(config, tell);
  checkPayloadKeys(config, tell);
  checkReceiversFile(config, tell);
  const failed = checks.some(({ state }) => state === 'failed');
  if (json === true) printJson({ ok: !failed, checks });
  process.exitCode = failed ? EXIT.failed : EXIT.ok;
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
