/**
 * What an operator's monitoring reads from a worker: whether it is alive, whether it is ready and if not why, and
 * its metrics.
 */
import { afterEach, expect, inject, test, vi } from 'vitest';
import { generateWorld, startSimulator } from '../../src/simulator/index.js';
import { runCli, startCli, type Running } from '../support/cli.js';
import { lineOf, stopped } from '../support/processes.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `health-${process.pid}`;
const environment = {
  TEMPORAL_ADDRESS: temporalAddress,
  TEMPORAL_TASK_QUEUE: suite,
  DEPLOYMENT: suite,
  AMQP_URL: amqpUrl,
  AMQP_EXCHANGE: suite,
  HTTP_ADDRESS: '0',
};

let worker: Running | null = null;

afterEach(async () => {
  if (worker !== null) await stopped(worker);
  worker = null;
});

async function startWorker(more: Record<string, string> = {}): Promise<(path: string) => Promise<Response>> {
  worker = startCli(['worker'], { ...environment, ...more });
  const line = await lineOf(worker, /serving health and metrics/);
  const { address } = JSON.parse(line) as { address: string };
  expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
  return (path) => fetch(`http://${address}${path}`);
}

test('a worker is ready once it has its connections, and its metrics tell of a migration', async () => {
  const world = generateWorld({ services: 1, seed: suite });
  const simulator = await startSimulator({ amqpUrl, exchange: suite, world });
  try {
    const get = await startWorker();
    expect((await get('/livez')).status).toBe(200);
    await vi.waitFor(
      async () => {
        const response = await get('/readyz');
        expect(await response.json()).toMatchObject({ ready: true });
        expect(response.status).toBe(200);
      },
      { timeout: 30_000 },
    );
    const { serviceInstanceUuid, vnfs } = world.services[0]!;
    const ids = ['--service', serviceInstanceUuid, '--vnf', vnfs[0]!.vnfUuid, '--vim', world.vims[1]!];
    expect((await runCli(['migrate', ...ids], environment)).code).toBe(0);
    const metrics = await (await get('/metrics')).text();
    for (const seen of [
      /vnf_migrator_replies\S*fate="signalled"\S* 2\b/,
      /vnf_migrator_replies\S*fate="own-echo"\S* 1\b/,
      /vnf_migrator_migrations\S*outcome="migrated"\S* 1\b/,
      /vnf_migrator_attempts\S*outcome="ready"\S* 1\b/,
      /vnf_migrator_ack_latency_count/,
      /vnf_migrator_final_latency_count/,
      /vnf_migrator_publish_latency_count\S*sent="confirmed"/,
      /vnf_migrator_held_deliveries\S* 0\b/,
      /temporal_workflow_completed/,
      /vnf_migrator_ready\S*part="listener on the broker"\S*.* 1\b/,
      /vnf_migrator_parked_replies\S* 0\b/,
      // Nothing of these has happened: an increase is seen from the first time on.
      /vnf_migrator_unknown_outcomes\S*outcome="MigrationOutcomeUnknown"\S* 0\b/,
      /vnf_migrator_migrations\S*outcome="ServiceBusy"\S* 0\b/,
      /vnf_migrator_double_replies\S* 0\b/,
      /vnf_migrator_unreadable_payloads\S* 0\b/,
      /vnf_migrator_connection_losses\S*cause="exchange"\S*.* 0\b/,
      /vnf_migrator_final_latency_bucket\S*le="1800000"/,
    ]) {
      expect(metrics).toMatch(seen);
    }
    // One series: the zero of the start has the labels of what workflows count.
    expect(metrics.match(/^vnf_migrator_migrations\S*outcome="migrated"/gm)).toHaveLength(1);
    // Asked for by one scrape, shown by a later one.
    await vi.waitFor(
      async () => {
        const later = await (await get('/metrics')).text();
        expect(later).toMatch(/vnf_migrator_workers\S* 1\b/);
        expect(later).toMatch(/vnf_migrator_running_migrations\S* 0\b/);
        expect(later).toMatch(/vnf_migrator_broker_nodes\S*state="reachable"\S* 1\b/);
        expect(later).toMatch(/vnf_migrator_campaigns\S*state="RUNNING"\S* 0\b/);
      },
      { timeout: 10_000 },
    );
    expect((await get('/elsewhere')).status).toBe(404);
  } finally {
    await simulator.stop();
  }
});

test('B2: without a broker it is alive, not ready, and says why without the password', async () => {
  const get = await startWorker({ AMQP_URL: 'amqp://someone:canary-7531@127.0.0.1:1' });
  await vi.waitFor(
    async () => {
      const response = await get('/readyz');
      const text = await response.text();
      expect(response.status).toBe(503);
      expect(text).toMatch(/ECONNREFUSED/);
      expect(text).not.toContain('canary-7531');
    },
    { timeout: 30_000 },
  );
  expect((await get('/livez')).status).toBe(200);
});
