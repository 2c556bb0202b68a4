/** Passwords in the addresses of the broker and of the repository: nothing we write, log or keep ever has them. */
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCli, startCli, type Ran, type Running } from '../support/cli.js';
import { lineOf, stopped } from '../support/processes.js';

const { amqpUrl, temporalAddress } = inject('stack');
/** In the URL as it stands, and decoded. */
const SECRET = /canary|Y2FuYXJ5/;
const PASSWORD = 'canary%2Fs3cret%40x';

let client: Client;
let worker: Running | null = null;

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
});
afterAll(() => client.connection.close());
afterEach(async () => {
  if (worker !== null) await stopped(worker);
  worker = null;
});

function withPassword(url: string): string {
  const secret = new URL(url);
  secret.username = 'guest';
  secret.password = PASSWORD;
  return secret.href;
}

const NOWHERE = withPassword('amqp://127.0.0.1:2');
const REFUSED = withPassword(amqpUrl);
const NO_REPOSITORY = withPassword('http://127.0.0.1:2');

interface Deployment {
  env: NodeJS.ProcessEnv;
  taskQueue: string;
}

function deployment(env: NodeJS.ProcessEnv): Deployment {
  const taskQueue = `secrets-${randomUUID().slice(0, 8)}`;
  const common = { TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_TASK_QUEUE: taskQueue, LOG_LEVEL: 'trace' };
  return { taskQueue, env: { ...common, DEPLOYMENT: taskQueue, AMQP_EXCHANGE: taskQueue, ...env } };
}

/** Migrates with a worker of this deployment; resolves with the command's end when the worker has ended, too. */
async function migrate(
  { env }: Deployment,
  ...policy: string[]
): Promise<{ ran: Ran; said: string; vnfUuid: string }> {
  worker = startCli(['worker'], env);
  await lineOf(worker, /the worker runs/);
  const vnfUuid = randomUUID();
  const ids = ['--service', randomUUID(), '--vnf', vnfUuid, '--vim', randomUUID()];
  const ran = await runCli(
    ['migrate', ...ids, ...policy.flatMap((part) => ['--policy', part]), '--json'],
    env,
  );
  const ended = worker;
  worker = null;
  expect(await stopped(ended)).toBe(0);
  return { ran, said: ended.said(), vnfUuid };
}

/** All of its history, payloads decoded. */
async function historyOf(vnfUuid: string): Promise<string> {
  const { events } = await client.workflow.getHandle(`vnf-migration/${vnfUuid}`).fetchHistory();
  return JSON.stringify(events).replace(/"data":"([\w+/=]+)"/g, (_, payload: string) =>
    Buffer.from(payload, 'base64').toString(),
  );
}

describe('the password of', () => {
  it('a broker that refuses it is in no output, no log and no history', async () => {
    const { ran, said, vnfUuid } = await migrate(deployment({ AMQP_URL: REFUSED }), 'publishTimeout=1s');
    const history = await historyOf(vnfUuid);
    expect(ran).toMatchObject({ code: 1, stdout: expect.stringContaining('BrokerUnavailable') as string });
    // The reason got through, and it alone.
    for (const told of [said, history]) expect(told).toContain('refused the credentials in AMQP_URL');
    for (const told of [said, ran.stdout, ran.stderr, history]) expect(told).not.toMatch(SECRET);
  });

  it('a repository that is away is in no output, no log and no history', async () => {
    const env = { AMQP_URL: amqpUrl, REPOSITORY_URL: NO_REPOSITORY };
    const { ran, said, vnfUuid } = await migrate(deployment(env), 'deadline=3s', 'busyTimeout=2s');
    const history = await historyOf(vnfUuid);
    expect(ran.code).not.toBe(0);
    expect(history).toContain('ECONNREFUSED');
    for (const told of [said, ran.stdout, ran.stderr, history]) expect(told).not.toMatch(SECRET);
  });

  it.each([
    ['that is away', NOWHERE],
    ['that refuses it', REFUSED],
    ['of several nodes', `${NOWHERE},${REFUSED}`],
    ['one of whose addresses is wrong', `${amqpUrl},${withPassword('http://127.0.0.1:5672')}`],
    ['whose address has a wrong scheme', withPassword('http://127.0.0.1:5672')],
    ['whose address has a query', `${NOWHERE}?heartbeat=1`],
  ])('a broker %s is in the output of no command', async (_, url) => {
    const { env } = deployment({ AMQP_URL: url, REPOSITORY_URL: NO_REPOSITORY });
    const commands = [['doctor'], ['doctor', '--json'], ['parked', 'list'], ['simulate'], ['status', 'x']];
    for (const { code, stdout, stderr } of await Promise.all(commands.map((args) => runCli(args, env)))) {
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toBe('');
      expect(stdout + stderr).not.toMatch(SECRET);
    }
  });

  it.each([
    ['that is away', NOWHERE, /ECONNREFUSED/],
    ['that refuses it', REFUSED, /refused the credentials/],
    ['of several nodes', `${NOWHERE},${REFUSED}`, /refused the credentials/],
  ])('a broker %s is in no log of the listener, which stays up', async (_, url, reason) => {
    const listener = startCli(['listener'], deployment({ AMQP_URL: url }).env);
    await lineOf(listener, reason);
    expect(await stopped(listener)).toBe(0);
    expect(listener.said()).not.toMatch(SECRET);
  });
});
