import { Command } from 'commander';
import { throughParked, type ParkedMessage } from '../../amqp/parked-queue.js';
import { loadConfig } from '../../settings/config.js';
import { createSignalWorkflow, type Signalled } from '../../listener/signal-workflow.js';
import { decodeReply } from '../../mano/reply.js';
import { bounded } from '../../mano/safe-text.js';
import { parseCorrelationId } from '../../shared/correlation-id.js';
import { withTemporal, type Context } from '../temporal/context.js';
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

function room() {
  const { amqp, deployment } = loadConfig(process.env);
  return { broker: amqp, deployment };
}

async function list({ json }: Output): Promise<void> {
  const rows: string[][] = [];
  await throughParked(room(), (message) => {
    const { id, receivedAt, reason } = message;
    const workflowId = parseCorrelationId(message.correlationId)?.workflowId ?? '?';
    if (json === true) printJson(summary(message));
    rows.push([id, receivedAt, printable(workflowId), printable(reason)]);
    return Promise.resolve('keep');
  });
  if (json === true) return;
  if (rows.length === 0) {
    printLine('nothing is parked');
    return;
  }
  for (const line of table(['id', 'received', 'for workflow', 'why it is parked'], rows)) printLine(line);
}

async function show(id: string, { json }: Output): Promise<void> {
  const found: ParkedMessage[] = [];
  await throughParked(room(), (message) => {
    if (message.id === id) found.push(message);
    return Promise.resolve('keep');
  });
  const [message] = found;
  if (message === undefined) throw new CommandError(`nothing with the id ${id} is parked`);
  if (json === true) {
    printJson({ ...summary(message), body: message.body.toString('utf8') });
    return;
  }
  for (const [name, value] of Object.entries(summary(message)))
    printLine(`${name}: ${printable(String(value))}`);
  printLine('');
  printLine(printable(message.body.toString('utf8')));
}

interface Selection extends Output {
  all?: boolean;
}

async function replay(ids: string[], options: Selection): Promise<void> {
  const selected = selectionOf(ids, options);
  await withTemporal(async (context) => {
    let kept = 0;
    await throughParked(room(), async (message) => {
      if (!selected.take(message.id)) return 'keep';
      const became = await replayOne(context, message);
      if (options.json === true) printJson({ ...summary(message), ...became });
      else printLine(`${message.id}: ${printable(became.text)}`);
      if (!became.replayed) kept += 1;
      return became.replayed ? 'remove' : 'keep';
    });
    selected.mustBeUsedUp();
    if (kept > 0) process.exitCode = EXIT.failed;
  });
}

async function drop(ids: string[], options: Selection): Promise<void> {
  const selected = selectionOf(ids, options);
  await throughParked(room(), (message) => {
    if (!selected.take(message.id)) return Promise.resolve('keep');
    if (options.json === true) printJson({ ...summary(message), dropped: true });
    else printLine(`${message.id}: dropped`);
    return Promise.resolve('remove');
  });
  selected.mustBeUsedUp();
}

async function replayOne(
  { client }: Context,
  message: ParkedMessage,
): Promise<{ replayed: boolean; text: string }> {
  const { body, correlationId, topic, appId, receivedAt } = message;
  const workflowId = parseCorrelationId(correlationId)?.workflowId;
  const decoded = decodeReply({ body, correlationId, topic, appId, receivedAt });
  if (workflowId === undefined || decoded.kind !== 'reply') {
    const why =
      decoded.kind === 'refused' ? decoded.reason : 'it names no workflow, or a status that nobody knows';
    return { replayed: false, text: `stays parked: ${why}` };
  }
  const signalled = await createSignalWorkflow(client)({ workflowId, reply: decoded.reply, body });
  return { replayed: signalled.kind === 'accepted', text: replayText(signalled, workflowId) };
}

function replayText(signalled: Signalled, workflowId: string): string {
  switch (signalled.kind) {
    case 'accepted':
      return `signalled to ${workflowId}`;
    case 'closed':
      return `stays parked: ${workflowId} is closed (${signalled.status.toLowerCase()})`;
    case 'later':
    case 'refused':
      return `stays parked: ${signalled.reason}`;
  }
}

/** A parked reply may come from any peer on the bus, and a terminal executes control characters. */
function printable(text: string): string {
  return bounded(text, Infinity);
}

function summary({ id, correlationId, topic, appId, reason, receivedAt, body }: ParkedMessage) {
  return { id, reason, receivedAt, correlationId, topic, appId, bytes: body.byteLength };
}

function selectionOf(ids: readonly string[], { all }: Selection) {
  if ((all === true) === ids.length > 0) {
    throw new CommandError('name the ids, or --all', { code: EXIT.usage });
  }
  const left = new Set(ids);
  return {
    take: (id: string): boolean => left.delete(id) || all === true,
    mustBeUsedUp: (): void => {
      if (left.size > 0) throw new CommandError(`nothing with the id ${[...left].join(', ')} is parked`);
    },
  };
}
