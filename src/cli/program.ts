/** The whole command line: every command with its options, before anything is parsed. */
import { Command } from 'commander';
import { campaignCommand } from './commands/campaign/index.js';
import { consoleCommand } from './commands/console.js';
import { cancelCommand } from './commands/cancel.js';
import { devCommand } from './commands/dev.js';
import { doctorCommand } from './commands/doctor.js';
import { limitsCommand } from './commands/limits/index.js';
import { listCommand } from './commands/list.js';
import { listenerCommand } from './commands/listener.js';
import { migrateCommand } from './commands/migrate.js';
import { parkedCommand } from './commands/parked.js';
import { resolveCommand } from './commands/resolve.js';
import { schemaCommand } from './commands/schema.js';
import { setupCommand } from './commands/setup.js';
import { simulateCommand } from './commands/simulate.js';
import { statusCommand } from './commands/status.js';
import { vimsCommand } from './commands/vims.js';
import { packageVersion } from './package-version.js';
import { workerCommand } from './commands/worker.js';

export function createProgram(): Command {
  const program = new Command('vnf-migrator')
    .description('Moves virtual network functions between VIMs through the 5GTANGO/SONATA MANO, durably.')
    .version(packageVersion())
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      `
Settings come from the environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…,
TEMPORAL_PROFILE, TEMPORAL_TASK_QUEUE, TEMPORAL_DEPLOYMENT_NAME, TEMPORAL_WORKER_BUILD_ID, DEPLOYMENT, AMQP_URL,
AMQP_PASSWORD_FILE, AMQP_TLS_CA_FILE, AMQP_TLS_CERT_FILE, AMQP_TLS_KEY_FILE, AMQP_EXCHANGE, AMQP_APP_ID,
AMQP_MANO_APP_IDS, REPOSITORY_URL, GATEKEEPER_URL, GATEKEEPER_CALLBACK_URL, GATEKEEPER_CALLBACK_ADDRESS, HTTP_ADDRESS,
CONSOLE_ADDRESS, CONSOLE_TOKENS_FILE, CONSOLE_PROXY_ADDRESSES, CONSOLE_ACTOR_HEADER, CONSOLE_GROUPS_HEADER,
CONSOLE_OPERATOR_GROUP, CONSOLE_CODEC_ORIGINS, PAYLOAD_KEYS_FILE, NOTIFY_FILE, LOG_LEVEL; for traces OTEL_SDK_DISABLED,
OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL,
OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER,
OTEL_TRACES_SAMPLER_ARG.
The README tells what each is for.

Exit codes: 0 done, 1 not done, 2 wrong arguments or settings, 3 nobody knows whether the VNF was moved,
130 no longer watched (Ctrl-C).`,
    );
  for (const command of [
    workerCommand(),
    listenerCommand(),
    consoleCommand(),
    migrateCommand(),
    statusCommand(),
    listCommand(),
    vimsCommand(),
    cancelCommand(),
    resolveCommand(),
    campaignCommand(),
    limitsCommand(),
    parkedCommand(),
    simulateCommand(),
    devCommand(),
    setupCommand(),
    schemaCommand(),
    doctorCommand(),
  ]) {
    program.addCommand(command);
  }
  for (const command of withSubcommands(program)) {
    command.exitOverride().showHelpAfterError('(--help shows how it is used)');
  }
  return program;
}

/** A command with all its subcommands, at every level. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
