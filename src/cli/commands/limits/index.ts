import { Command } from 'commander';
import { clearCommand } from './clear.js';
import { setCommand } from './set.js';
import { showCommand } from './show.js';

export function limitsCommand(): Command {
  const limits = new Command('limits').description(
    'how many migrations may be in flight over the whole deployment, and into and out of each VIM',
  );
  for (const command of [setCommand(), showCommand(), clearCommand()]) limits.addCommand(command);
  return limits;
}
