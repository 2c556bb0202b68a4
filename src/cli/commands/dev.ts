// `vnf-migrator dev`: a private Temporal and RabbitMQ until Ctrl-C. It prints addresses to standard output and
// everything else to standard error.
import { Command } from 'commander';
import { DevError } from '../../dev/errors.js';
import { startStack, type Stack } from '../../dev/stack.js';
import { EXIT } from '../exit-codes.js';

interface DevOptions {
  directory: string;
  install: boolean;
  json: boolean;
}

export function devCommand(): Command {
  return new Command('dev')
    .description('run a private Temporal and RabbitMQ for development, until Ctrl-C')
    .option('-d, --directory <directory>', 'where their data and logs are kept', '.vnf-migrator/dev')
    .option('--no-install', 'do not download, build or install what is missing (VNF_MIGRATOR_NO_INSTALL=1)')
    .option('--json', 'print the addresses as one line of JSON', false)
    .addHelpText(
      'after',
      '\nTEMPORAL_ADDRESS or AMQP_URL name a server that runs already; it is then used and none is started.',
    )
    .action(run);
}

async function run({ directory, install, json }: DevOptions): Promise<void> {
  const interrupt = new AbortController();
  const interrupted = new Promise<null>((resolve) => {
    interrupt.signal.addEventListener('abort', () => resolve(null));
  });
  onInterrupt(() => {
    console.error('stopping');
    interrupt.abort();
  });
  try {
    const stack = await startStack({
      directory,
      install: install && process.env['VNF_MIGRATOR_NO_INSTALL'] !== '1',
      report: (line) => console.error(line),
      persistent: true,
      signal: interrupt.signal,
    });
    console.log(json ? JSON.stringify(addresses(stack)) : text(stack));
    const failure = await Promise.race([interrupted, ...ends(stack)]);
    await stack.stop();
    if (failure !== null) throw new DevError(failure);
  } catch (error) {
    if (interrupt.signal.aborted) return;
    if (!(error instanceof DevError)) throw error;
    console.error(error.message);
    process.exitCode = EXIT.failed;
  }
}

/**
 * The first signal requests an orderly stop. A second signal exits immediately, and the reaper stops the servers.
 */
function onInterrupt(stop: () => void): void {
  let asked = false;
  const handle = (): void => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle);
}

function ends({ temporal, rabbitmq }: Stack): Promise<string>[] {
  return [temporal, rabbitmq].filter((server) => server !== null).map((server) => server.ended);
}

type Addresses = Pick<
  Stack,
  'temporalAddress' | 'temporalNamespace' | 'temporalUiUrl' | 'amqpUrl' | 'managementUrl'
>;

function addresses(stack: Stack): Addresses {
  const { temporalAddress, temporalNamespace, temporalUiUrl, amqpUrl, managementUrl } = stack;
  return { temporalAddress, temporalNamespace, temporalUiUrl, amqpUrl, managementUrl };
}

function text(stack: Stack): string {
  const lines = [
    `export TEMPORAL_ADDRESS=${stack.temporalAddress}`,
    `export TEMPORAL_NAMESPACE=${stack.temporalNamespace}`,
    `export AMQP_URL=${stack.amqpUrl}`,
  ];
  if (stack.temporalUiUrl) lines.push(`# Temporal's pages: ${stack.temporalUiUrl}`);
  if (stack.managementUrl) lines.push(`# RabbitMQ's pages: ${stack.managementUrl} (guest, guest)`);
  return lines.join('\n');
}
