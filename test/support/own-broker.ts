// A RabbitMQ of a test's own, to be killed, alarmed and started again without troubling other tests.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedRabbitmq } from '../../src/dev/find-rabbitmq.js';
import { startRabbitmq, type RabbitmqServer } from '../../src/dev/rabbitmq.js';
import { Supervisor } from '../../src/dev/supervisor.js';

export interface OwnBroker {
  rabbitmq: RabbitmqServer;
  amqpUrl: string;
  close: () => Promise<void>;
}

export async function startOwnBroker(): Promise<OwnBroker> {
  const executable = installedRabbitmq(process.env);
  if (executable === null) throw new Error('there is no rabbitmq-server here');
  const directory = await mkdtemp(join(tmpdir(), 'vnf-migrator-broker-'));
  const supervisor = await Supervisor.start(directory);
  const rabbitmq = await startRabbitmq({ supervisor, executable, management: false, env: process.env });
  return {
    rabbitmq,
    amqpUrl: rabbitmq.amqpUrl,
    close: async () => {
      await supervisor.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
