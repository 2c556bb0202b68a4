import type { Command } from 'commander';
import { uuids } from '../../input/arguments.js';
import { byWhom, give, orderCommand, tellProgress, withRunning, type OrderOptions } from './control.js';

export function skipCommand(): Command {
  return orderCommand('skip', 'leave VNFs that have not begun where they are')
    .argument('<vnf...>', "the VNFs' uuids", uuids)
    .action((...[name, vnfUuids, options]: [string, string[], OrderOptions]) =>
      withRunning(name, async ({ campaigns }, workflowId) => {
        const input = { ...byWhom(options), vnfUuids };
        const progress = await give(campaigns, { workflowId, order: 'skip', input });
        tellProgress(progress, { name, json: options.json === true });
      }),
    );
}
