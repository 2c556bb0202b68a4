import { Option, type Command } from 'commander';
import { controlSchemas } from '../../../shared/campaign/contract.js';
import { namedValues, repeated } from '../../input/arguments.js';
import { CommandError, EXIT, indented } from '../../exit-codes.js';
import { byWhom, give, orderCommand, tellProgress, withRunning, type OrderOptions } from './control.js';
import {
  budgetPair,
  cutoffOption,
  notBeforeOption,
  timesOf,
  windowOption,
} from '../../input/campaign-options.js';

interface SetOptions extends OrderOptions {
  limit?: string[];
  budget?: string[];
  window?: string[];
  /** False: `--no-windows`. */
  windows?: false;
  cutoff?: string;
  notBefore?: string;
}

export function setCommand(): Command {
  return orderCommand('set', 'change limits, budget or windows; a lower limit cancels nothing that runs')
    .option('--limit <name=n>', 'total, perSourceVim or perTargetVim; may be repeated', repeated)
    .option('--budget <name=value>', 'maxErrors, maxConsecutive or action; may be repeated', repeated)
    .addOption(windowOption())
    .addOption(new Option('--no-windows', 'items may start at any time').conflicts('window'))
    .addOption(cutoffOption())
    .addOption(notBeforeOption())
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
  const times = { ...timesOf(options), ...(options.windows === false ? { windows: null } : {}) };
  if (Object.keys(times).length > 0) {
    // What is sent is what was given: durations and times stay as they are written.
    const input = { ...byWhom(options), ...times };
    const parsed = controlSchemas().setWindows.safeParse(input);
    if (parsed.success)
      orders.push((campaigns, workflowId) => give(campaigns, { workflowId, order: 'setWindows', input }));
    else problems.push(...told('', parsed.error.issues));
  }
  if (orders.length === 0 && problems.length === 0)
    problems.push('nothing to set: give --limit, --budget, --window, --no-windows, --cutoff or --not-before');
  if (problems.length > 0)
    throw new CommandError(`the order is wrong:\n${indented(problems)}`, { code: EXIT.usage });
  return orders;
}

const OPTION_OF_FIELD: Record<string, string> = {
  actor: '--actor',
  reason: '--reason',
  windows: '--window',
  cutoff: '--cutoff',
  notBefore: '--not-before',
};

function told(option: string, issues: readonly { path: PropertyKey[]; message: string }[]): string[] {
  return issues.map(({ path, message }) => {
    const [field = '', name] = path.map(String);
    const own = OPTION_OF_FIELD[field];
    const where =
      own === undefined ? [option, name].join(' ').trimEnd() : [own, ...path.slice(2).map(String)].join(' ');
    return `${where}: ${message}`;
  });
}
