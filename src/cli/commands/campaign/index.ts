import { Command } from 'commander';
import { addCommand } from './add.js';
import { listCommand } from './list.js';
import { abortCommand, approveCommand, pauseCommand, resumeCommand, startNowCommand } from './control.js';
import { failbackCommand } from './failback.js';
import { planCommand } from './plan.js';
import { reportCommand } from './report.js';
import { reprioritizeCommand } from './reprioritize.js';
import { retryFailedCommand } from './retry-failed.js';
import { scheduleCommand, unscheduleCommand } from './schedule.js';
import { setCommand } from './set.js';
import { skipCommand } from './skip.js';
import { startCommand } from './start.js';
import { watchCommand } from './watch.js';

export function campaignCommand(): Command {
  const campaign = new Command('campaign').description(
    'many migrations under limits: from a list, or whatever is on a VIM that is to be emptied',
  );
  for (const command of [
    planCommand(),
    startCommand(),
    watchCommand(),
    listCommand(),
    pauseCommand(),
    resumeCommand(),
    abortCommand(),
    approveCommand(),
    startNowCommand(),
    skipCommand(),
    addCommand(),
    reprioritizeCommand(),
    setCommand(),
    retryFailedCommand(),
    failbackCommand(),
    reportCommand(),
    scheduleCommand(),
    unscheduleCommand(),
  ]) {
    campaign.addCommand(command);
  }
  return campaign;
}
