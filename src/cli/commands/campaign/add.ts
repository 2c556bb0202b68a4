import type { Command } from 'commander';
import { itemsFrom } from '../../input/items-option.js';
import { byWhom, give, orderCommand, tellProgress, withRunning, type OrderOptions } from './control.js';

export function addCommand(): Command {
  return orderCommand('add', 'add items to a campaign that runs; a VNF that it has already is refused')
    .requiredOption('--items <file>', 'what moves besides: CSV with a header, or a list in YAML or JSON')
    .action(async (name: string, options: OrderOptions & { items: string }) => {
      const items = await itemsFrom(options.items);
      return await withRunning(name, async ({ campaigns }, workflowId) => {
        const input = { ...byWhom(options), items };
        const progress = await give(campaigns, { workflowId, order: 'addItems', input });
        tellProgress(progress, { name, json: options.json === true });
      });
    });
}
