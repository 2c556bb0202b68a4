import { InvalidArgumentError, type Command } from 'commander';
import { uuids } from '../../input/arguments.js';
import { byWhom, giveAndTell, orderCommand, type OrderOptions } from './control.js';

export function reprioritizeCommand(): Command {
  return orderCommand('reprioritize', 'give VNFs that have not begun another priority')
    .argument('<vnf...>', "the VNFs' uuids", uuids)
    .requiredOption('--priority <n>', 'the higher goes first, from -1000 to 1000', wholeNumber)
    .action((...[name, vnfUuids, options]: [string, string[], OrderOptions & { priority: number }]) =>
      giveAndTell(name, {
        options,
        order: 'reprioritize',
        input: { ...byWhom(options), vnfUuids, priority: options.priority },
      }),
    );
}

/** @throws InvalidArgumentError */
function wholeNumber(value: string): number {
  if (/^-?\d+$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It is a whole number.');
}
