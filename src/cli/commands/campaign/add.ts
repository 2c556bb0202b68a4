import type { Command } from 'commander';
import { itemsFrom } from '../../input/items-option.js';
import { byWhom, giveAndTell, orderCommand, type OrderOptions } from './control.js';

export function addCommand(): Command {
  return orderCommand('add', 'add items to a campaign that runs; a VNF that it has already is refused')
    .requiredOption('--items <file>', 'what moves besides: CSV with a header, or a list in YAML or JSON')
    .action(async (name: string, options: OrderOptions & { items: string }) => {
      const items = await itemsFrom(options.items);
      await giveAndTell(name, { options, order: 'addItems', input: { ...byWhom(options), items } });
    });
}
