/** Limits of a deployment, and a worker that is killed: what it held, and what waited. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { LIMITS_WORKFLOW_TYPE } from '../../../src/shared/limits/contract.js';
import { limitsWorkflowId } from '../../../src/shared/names.js';
import type { LedgerEntry } from '../../../src/simulator/index.js';
import { runCli } from '../../support/cli.js';
import { Deployment, PATIENTLY } from '../../support/deployment.js';
import { ManoProcess } from '../../support/mano-process.js';

const { amqpUrl, temporalAddress } = inject('stack');

describe('after kill -9 of the worker', () => {
  let mano: ManoProcess;
  let deployment: Deployment;

  beforeAll(async () => {
    mano = await ManoProcess.start({ amqpUrl, services: 8, migrationMs: 1_500 });
    const settings = { REPOSITORY_URL: mano.repositoryUrl };
    deployment = await Deployment.open({ amqpUrl, temporalAddress, mano, settings });
  });
  afterAll(async () => {
    await deployment.close();
    await mano.close();
  });

  it('what is in flight keeps its leases, and the rest goes under the same limits', async () => {
    const worker = await deployment.startWorker();
    const limits = (...args: string[]) => runCli(['limits', ...args], deployment.settings);
    const { DEPLOYMENT: name = '', TEMPORAL_TASK_QUEUE: taskQueue = '' } = deployment.settings;
    await deployment.client.workflow.start(LIMITS_WORKFLOW_TYPE, {
      workflowId: limitsWorkflowId(name),
      taskQueue,
      args: [{ sweepIntervalMs: 1_000 }],
    });
    await limits('set', '--total', '2', '--reason', 'a test');
    // What the worker had begun to send is asked after in seconds.
    const policy = ['ackTimeout=3s', 'finalTimeout=5s', 'probeTimeout=2s', 'initialInterval=200'];
    const hasty = policy.flatMap((one) => ['--policy', one]);
    const migrations = Array.from({ length: 6 }, () => {
      const { serviceInstanceUuid, vnfUuid, vimUuid } = mano.take();
      const what = ['--service', serviceInstanceUuid, '--vnf', vnfUuid, '--vim', vimUuid];
      return runCli(['migrate', ...what, ...hasty], deployment.settings);
    });
    await vi.waitFor(() => expect(flightsOf(mano.ledger()).open).toBeGreaterThan(0), PATIENTLY);
    await worker.kill();
    await delay(500);
    await deployment.startWorker();
    for (const { code, stdout } of await Promise.all(migrations)) {
      expect({ code, stdout }).toMatchObject({ code: 0 });
    }
    const { open, peak } = flightsOf(mano.ledger());
    expect(open).toBe(0);
    expect(peak).toBeLessThanOrEqual(2);
    const shown = await limits('show', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ waitingCount: 0 });
  }, 180_000);

  /** Moves at a time, as the MANO saw them. */
  function flightsOf(ledger: readonly LedgerEntry[]): { open: number; peak: number } {
    const open = new Set<string | null>();
    let peak = 0;
    for (const entry of ledger) {
      if (entry.type === 'decision' && entry.decision === 'accepted') open.add(entry.correlationId);
      else if (entry.type === 'reply' && entry.isFinal) open.delete(entry.correlationId);
      peak = Math.max(peak, open.size);
    }
    return { open: open.size, peak };
  }
});
