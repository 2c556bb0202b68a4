import type { Command } from 'commander';
import { uuids } from '../../input/arguments.js';
import { byWhom, giveAndTell, orderCommand, type OrderOptions } from './control.js';

export function skipCommand(): Command {
  return orderCommand('skip', 'leave VNFs that have not begun where they are')
    .argument('<vnf...>', "the VNFs' uuids", uuids)
    .action((...[name, vnfUuids, options]: [string, string[], OrderOptions]) =>
      giveAndTell(name, { options, order: 'skip', input: { ...byWhom(options), vnfUuids } }),
    );
}
