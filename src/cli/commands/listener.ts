import { Command } from 'commander';
import { runRoles } from './worker.js';

export function listenerCommand(): Command {
  return new Command('listener')
    .description('run the reply listener alone; workers run elsewhere (vnf-migrator worker --no-listener)')
    .action(() => runRoles(['listener']));
}
