#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { campaignCommand } from './campaign/index.js';
import { cancelCommand } from './cancel.js';
import { devCommand } from './dev.js';
import { doctorCommand } from './doctor.js';
import { EXIT, readableError } from './exit.js';
import { listCommand } from './list.js';
import { listenerCommand } from './listener.js';
import { migrateCommand } from './migrate.js';
import { parkedCommand } from './parked.js';
import { resolveCommand } from './resolve.js';
import { schemaCommand } from './schema.js';
import { setupCommand } from './setup.js';
import { simulateCommand } from './simulate.js';
import { statusCommand } from './status.js';
import { packageVersion } from './version.js';
import { workerCommand } from './worker.js';

const program = new Command('vnf-migrator')
  .description('Moves virtual network functions between VIMs through the 5GTANGO/SONATA MANO, durably.')
  .version(packageVersion())
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
Settings come from the environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…,
TEMPORAL_PROFILE, TEMPORAL_TASK_QUEUE, TEMPORAL_DEPLOYMENT_NAME, TEMPORAL_WORKER_BUILD_ID, DEPLOYMENT, AMQP_URL,
AMQP_EXCHANGE, AMQP_APP_ID, AMQP_MANO_APP_IDS, REPOSITORY_URL, GATEKEEPER_URL, GATEKEEPER_CALLBACK_URL,
GATEKEEPER_CALLBACK_ADDRESS, HTTP_ADDRESS, LOG_LEVEL.
The README tells what each is for.

Exit codes: 0 done, 1 not done, 2 wrong arguments or settings, 3 nobody knows whether the VNF was moved.`,
  );

for (const command of [
  workerCommand(),
  listenerCommand(),
  migrateCommand(),
  statusCommand(),
  listCommand(),
  cancelCommand(),
  resolveCommand(),
  campaignCommand(),
  parkedCommand(),
  simulateCommand(),
  devCommand(),
  setupCommand(),
  schemaCommand(),
  doctorCommand(),
]) {
  program.addCommand(command);
}

throughout(program, (command) => command.exitOverride().showHelpAfterError('(--help shows how it is used)'));
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said it already: help that was asked for, or what is wrong with the arguments.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    const { message, code } = readableError(error);
    process.stderr.write(`vnf-migrator: ${message}\n`);
    process.exitCode = code;
  }
}

function throughout(command: Command, apply: (command: Command) => void): void {
  apply(command);
  for (const sub of command.commands) throughout(sub, apply);
}
