import { Command } from 'commander';
import type { ParkedRoom } from '../../amqp/parked-queue.js';
import {
  dropParked,
  findParked,
  listParked,
  parkedRoomOf,
  replayParked,
  workflowOfParked,
  type ParkedSelection,
} from '../../listener/parked-replies.js';
import { bounded } from '../../mano/safe-text.js';
import { loadConfig } from '../../settings/config.js';
import { withTemporal } from '../temporal/context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { printJson, printLine, table } from '../output/print.js';

interface Output {
  json?: boolean;
}

export function parkedCommand(): Command {
  const parked = new Command('parked').description(
    'replies that reached us and no workflow: kept for a person to look at, replay or drop',
  );
  parked
    .command('list')
    .description('list them, the oldest first')
    .option('--json', 'print them as JSON, one a line')
    .action(list);
  parked
    .command('show')
    .description('show one of them whole')
    .argument('<id>', 'as `parked list` shows it')
    .option('--json', 'print it as JSON')
    .action(show);
  parked
    .command('replay')
    .description('signal them to their workflows; nothing is published to the MANO')
    .argument('[id...]', 'as `parked list` shows them')
    .option('--all', 'all of them')
    .option('--json', 'print what became of each as JSON, one a line')
    .action(replay);
  parked
    .command('drop')
    .description('throw them away')
    .argument('[id...]', 'as `parked list` shows them')
    .option('--all', 'all of them')
    .option('--json', 'print what was dropped as JSON, one a line')
    .action(drop);
  return parked;
}

function room(): ParkedRoom {
  return parkedRoomOf(loadConfig(process.env));
}

async function list({ json }: Output): Promise<void> {
  const replies = await listParked(room());
  if (json === true) {
    for (const reply of replies) printJson(reply);
    return;
  }
  if (replies.length === 0) {
    printLine('nothing is parked');
    return;
  }
  const rows = replies.map((reply) => [
    reply.id,
    reply.receivedAt,
    printable(workflowOfParked(reply) ?? '?'),
    printable(reply.reason),
  ]);
  for (const line of table(['id', 'received', 'for workflow', 'why it is parked'], rows)) printLine(line);
}

async function show(id: string, { json }: Output): Promise<void> {
  const reply = await findParked(room(), id);
  if (reply === null) throw new CommandError(`nothing with the id ${id} is parked`);
  if (json === true) {
    printJson(reply);
    return;
  }
  const { body, ...summary } = reply;
  for (const [name, value] of Object.entries(summary)) printLine(`${name}: ${printable(String(value))}`);
  printLine('');
  printLine(printable(body));
}

interface Selection extends Output {
  all?: boolean;
}

async function replay(ids: string[], options: Selection): Promise<void> {
  const selection = selectionOf(ids, options);
  await withTemporal(async ({ client, config }) => {
    const { replies, missing } = await replayParked(parkedRoomOf(config), {
      client,
      selection,
      tell: (reply) => {
        if (options.json === true) printJson(reply);
        else printLine(`${reply.id}: ${printable(reply.text)}`);
      },
    });
    mustBeNone(missing);
    if (replies.some(({ replayed }) => !replayed)) process.exitCode = EXIT.failed;
  });
}

async function drop(ids: string[], options: Selection): Promise<void> {
  const selection = selectionOf(ids, options);
  const { missing } = await dropParked(room(), {
    selection,
    tell: (reply) => {
      if (options.json === true) printJson({ ...reply, dropped: true });
      else printLine(`${reply.id}: dropped`);
    },
  });
  mustBeNone(missing);
}

/** A parked reply may come from any peer on the bus, and a terminal executes control characters. */
function printable(text: string): string {
  return bounded(text, Infinity);
}

function selectionOf(ids: readonly string[], { all }: Selection): ParkedSelection {
  if ((all === true) === ids.length > 0) {
    throw new CommandError('name the ids, or --all', { code: EXIT.usage });
  }
  return all === true ? { all } : { ids };
}

function mustBeNone(missing: readonly string[]): void {
  if (missing.length > 0) throw new CommandError(`nothing with the id ${missing.join(', ')} is parked`);
}
