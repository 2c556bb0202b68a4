import { Command, InvalidArgumentError } from 'commander';
import type { SetLimitsInput } from '../../../shared/limits/contract.js';
import { presentUser } from '../../input/actor.js';
import { repeated } from '../../input/arguments.js';
import { actorOption } from '../../input/campaign-options.js';
import { vimResolverFromSettings } from '../../input/vim-names.js';
import { CommandError, EXIT, indented } from '../../exit-codes.js';
import { withTemporal } from '../../temporal/context.js';
import { tellLimits } from './tell-limits.js';

/** Commander takes null for an empty text. */
type LimitOption = number | 'none';

interface SetOptions {
  total?: LimitOption;
  vim?: string[];
  in?: LimitOption;
  out?: LimitOption;
  actor?: string;
  reason: string;
  json?: boolean;
}

export function setCommand(): Command {
  return new Command('set')
    .description('set limits; what is not named stays as it is, and a lower limit cancels nothing that runs')
    .option('--total <n>', 'at most so many migrations in flight, or `none`', limitOption)
    .option(
      '--vim <vim>',
      'the VIM that --in and --out are about, by name or uuid; may be repeated',
      repeated,
    )
    .option('--in <n>', 'at most so many to the VIM, or `none`', limitOption)
    .option('--out <n>', 'at most so many away from the VIM, or `none`', limitOption)
    .addOption(actorOption())
    .requiredOption('--reason <text>', 'why, for the audit trail (required)')
    .option('--json', 'print the state after it as JSON')
    .action(async (options: SetOptions) => {
      const order = await orderFrom(options);
      await withTemporal(async ({ limits, config }) => {
        await tellLimits(await limits.set(order), { config, json: options.json === true });
      });
    });
}

/** @throws CommandError that names all problems, before anything is sent */
async function orderFrom(options: SetOptions): Promise<SetLimitsInput> {
  const { total, vim: names = [], in: arriving, out: leaving, actor = presentUser(), reason } = options;
  const limitsVim = arriving !== undefined || leaving !== undefined;
  const problems: string[] = [];
  if (names.length === 0 && limitsVim) problems.push('--in and --out limit a VIM: name it by --vim');
  if (names.length > 0 && !limitsVim) problems.push('--vim: give --in, --out or both');
  if (names.length === 0 && total === undefined) problems.push('give --total, or --vim with --in or --out');
  const resolve = vimResolverFromSettings();
  const vims: NonNullable<SetLimitsInput['vims']> = [];
  for (const name of problems.length > 0 ? [] : names) {
    const vim = await resolve(name);
    if (vim.kind === 'problem') problems.push(`--vim: ${vim.message}`);
    else {
      vims.push({
        vimUuid: vim.uuid,
        ...(arriving === undefined ? {} : { in: limitOf(arriving) }),
        ...(leaving === undefined ? {} : { out: limitOf(leaving) }),
      });
    }
  }
  if (problems.length > 0)
    throw new CommandError(`wrong limits:\n${indented(problems)}`, { code: EXIT.usage });
  return {
    actor,
    reason,
    ...(total === undefined ? {} : { total: limitOf(total) }),
    ...(vims.length === 0 ? {} : { vims }),
  };
}

function limitOf(given: LimitOption): number | null {
  return given === 'none' ? null : given;
}

/** @throws InvalidArgumentError */
function limitOption(value: string): LimitOption {
  if (value.toLowerCase() === 'none') return 'none';
  const limit = Number(value);
  if (value.trim() === '' || !Number.isInteger(limit) || limit < 0) {
    throw new InvalidArgumentError('It is a whole number from 0, or none.');
  }
  return limit;
}
