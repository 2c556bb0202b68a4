import { once } from 'node:events';
import { Argument, Command, Option } from 'commander';
import { ROLES, type Role } from '../../console/access/caller.js';
import { newToken, tokenNameProblem } from '../../console/access/tokens.js';
import { createLogger } from '../../observability/logger.js';
import { loadConfig } from '../../settings/config.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { untilSignalled } from '../follow/signals.js';
import { printJson, printLine } from '../output/print.js';
import { packageVersion } from '../package-version.js';

export function consoleCommand(): Command {
  const command = new Command('console')
    .description('serve pages to see and steer campaigns in a browser, and an HTTP API for other systems')
    .addHelpText(
      'after',
      `
It listens on CONSOLE_ADDRESS, by default 127.0.0.1:8088. Without CONSOLE_TOKENS_FILE, or a proxy that logs people in,
whoever reaches this machine may read, and nobody may give orders. The API is described at /api/v1/openapi.json.`,
    )
    .action(serve);
  command
    .command('token')
    .description('make a token, and the line of CONSOLE_TOKENS_FILE that lets it in')
    .addArgument(new Argument('<name>', 'whose it is: the actor of the orders that are given with it'))
    .addOption(
      new Option('--role <role>', 'a viewer reads, an operator orders').choices(ROLES).default('viewer'),
    )
    .option('--json', 'print both as JSON')
    .addHelpText('after', '\nThe token is shown only now. The file has its hash, which lets nobody in.')
    .action(token);
  return command;
}

async function serve(): Promise<void> {
  const config = loadConfig(process.env);
  const signal = untilSignalled();
  // Only this command needs the server, and its import takes time.
  const { startConsole } = await import('../../console/run.js');
  const log = createLogger({ level: config.logLevel });
  const { url, stop } = await startConsole({ config, log, version: packageVersion() });
  printLine(url);
  if (!signal.aborted) await once(signal, 'abort');
  await stop();
}

function token(name: string, { role, json }: { role: Role; json?: boolean }): void {
  const problem = tokenNameProblem(name);
  if (problem !== null) throw new CommandError(`the name: ${problem}`, { code: EXIT.usage });
  const made = newToken({ name, role });
  if (json === true) {
    printJson({ name, role, ...made });
    return;
  }
  printLine(`token: ${made.token}`);
  printLine(`line:  ${made.line}`);
}
