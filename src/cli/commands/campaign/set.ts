import type { Command } from 'commander';
import { controlSchemas } from '../../../shared/campaign/contract.js';
import { namedValues, repeated } from '../../input/arguments.js';
import { CommandError, EXIT, indented } from '../../exit-codes.js';
import { byWhom, give, orderCommand, tellProgress, withRunning, type OrderOptions } from './control.js';
import { budgetPair } from '../../input/campaign-options.js';

interface SetOptions extends OrderOptions {
  limit?: string[];
  budget?: string[];
}

export function setCommand(): Command {
  return orderCommand('set', 'change limits or the budget; a lower limit cancels nothing that runs')
    .option('--limit <name=n>', 'total, perSourceVim or perTargetVim; may be repeated', repeated)
    .option('--budget <name=value>', 'maxErrors, maxConsecutive or action; may be repeated', repeated)
    .action((name: string, options: SetOptions) => {
      const orders = ordersFrom(options);
      return withRunning(name, async ({ campaigns }, workflowId) => {
        let progress = null;
        for (const send of orders) progress = await send(campaigns, workflowId);
        if (progress !== null) tellProgress(progress, { name, json: options.json === true });
      });
    });
}

type Send = (campaigns: Parameters<typeof give>[0], workflowId: string) => ReturnType<typeof give>;

/** @throws CommandError that names all problems, before any order is sent */
function ordersFrom(options: SetOptions): Send[] {
  const orders: Send[] = [];
  const problems: string[] = [];
  if (options.limit !== undefined) {
    const input = { ...byWhom(options), limits: namedValues('--limit', options.limit) };
    const parsed = controlSchemas().setLimits.safeParse(input);
    if (parsed.success) {
      orders.push((campaigns, workflowId) =>
        give(campaigns, { workflowId, order: 'setLimits', input: parsed.data }),
      );
    } else problems.push(...told('--limit', parsed.error.issues));
  }
  if (options.budget !== undefined) {
    const input = { ...byWhom(options), budget: namedValues('--budget', options.budget.map(budgetPair)) };
    const parsed = controlSchemas().setBudget.safeParse(input);
    if (parsed.success) {
      orders.push((campaigns, workflowId) =>
        give(campaigns, { workflowId, order: 'setBudget', input: parsed.data }),
      );
    } else problems.push(...told('--budget', parsed.error.issues));
  }
  if (orders.length === 0 && problems.length === 0) problems.push('nothing to set: give --limit or --budget');
  if (problems.length > 0)
    throw new CommandError(`the order is wrong:\n${indented(problems)}`, { code: EXIT.usage });
  return orders;
}

function told(option: string, issues: readonly { path: PropertyKey[]; message: string }[]): string[] {
  return issues.map(({ path, message }) => {
    const [field, name] = path.map(String);
    const where = field === 'actor' || field === 'reason' ? `--${field}` : [option, name].join(' ').trimEnd();
    return `${where}: ${message}`;
  });
}
