/** VIMs that the command line names, by the list that the settings lead to. */
import { loadConfig } from '../../settings/config.js';
import { vimResolver, type ResolveVim } from '../../vims/names.js';
import { vimListSource } from '../../vims/source.js';
import { CommandError, EXIT } from '../exit-codes.js';

/** The settings are read where a name is to be found: a uuid needs none. */
export function vimResolverFromSettings(): ResolveVim {
  return vimResolver(() => vimListSource(loadConfig(process.env))());
}

/** The VIM that an option names. @throws CommandError */
export async function vimOfOption(option: string, text: string): Promise<string> {
  const vim = await vimResolverFromSettings()(text);
  if (vim.kind === 'vim') return vim.uuid;
  throw new CommandError(`${option}: ${vim.message}`, { code: EXIT.usage });
}
