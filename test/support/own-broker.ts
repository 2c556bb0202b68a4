// A RabbitMQ for one test, which may kill it, raise its alarms and restart it without affecting other tests.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedRabbitmq } from '../../src/dev/rabbitmq/find.js';
import { startRabbitmq, type RabbitmqServer } from '../../src/dev/rabbitmq/server.js';
import { Supervisor } from '../../src/dev/processes/supervisor.js';

export interface OwnBroker {
  rabbitmq: RabbitmqServer;
  amqpUrl: string;
  /** Replaces its settings, as lines of rabbitmq.conf. They apply from its next start. */
  configure: (lines: readonly string[]) => Promise<void>;
  close: () => Promise<void>;
}

export interface OwnBrokerOptions {
  plugins?: readonly string[];
  /** Lines of rabbitmq.conf. */
  settings?: readonly string[];
}

export async function startOwnBroker({
  plugins = [],
  settings = [],
}: OwnBrokerOptions = {}): Promise<OwnBroker> {
  const executable = installedRabbitmq(process.env);
  if (executable === null) throw new Error('there is no rabbitmq-server here');
  const directory = await mkdtemp(join(tmpdir(), 'vnf-migrator-broker-'));
  const supervisor = await Supervisor.start(directory);
  const configure = async (lines: readonly string[]): Promise<void> => {
    const folder = join(directory, 'rabbitmq', 'conf.d');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '10-test.conf'), [...lines, ''].join('\n'));
  };
  await configure(settings);
  const options = { supervisor, executable, management: false, plugins, env: process.env };
  const rabbitmq = await startRabbitmq(options);
  return {
    rabbitmq,
    amqpUrl: rabbitmq.amqpUrl,
    configure,
    close: async () => {
      await supervisor.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
