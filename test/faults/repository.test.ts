/**
 * The MANO's repository in every state except a healthy one. A read that fails is not evidence, and no request is
 * sent because of it.
 */
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Deployment, PATIENTLY } from '../support/deployment.js';
import { ManoProcess } from '../support/mano-process.js';
import { RepositoryFront, type Mood } from '../support/repository-front.js';

const { amqpUrl, temporalAddress } = inject('stack');
const LIMIT_MS = 120_000;

// They wait more than they work.
vi.setConfig({ maxConcurrency: 20 });

let mano: ManoProcess;
let front: RepositoryFront;
let deployment: Deployment;

beforeAll(async () => {
  mano = await ManoProcess.start({ amqpUrl });
  front = await RepositoryFront.open(mano.repositoryUrl);
  const settings = { REPOSITORY_URL: front.url };
  deployment = await Deployment.open({ amqpUrl, temporalAddress, mano, settings });
  await deployment.startWorker();
});
afterAll(async () => {
  await deployment.close();
  await Promise.all([front.close(), mano.close()]);
});

const unreadable: [Mood, RegExp][] = [
  ['down', /repository cannot be read.*other side closed|ECONNRESET|socket/i],
  ['500', /HTTP 500/],
  ['not-found', /changed|while it was read/i],
  ['html', /HTML/],
  ['redirects', /redirects/],
  ['huge', /larger than/],
];

describe.concurrent('a repository', { timeout: LIMIT_MS }, () => {
  it.for(unreadable)(
    'R1: %s before the request: nothing is sent until it can be read',
    async ([mood, reason]) => {
      const ids = mano.take();
      front.be(mood, ids.serviceInstanceUuid);
      const migration = await deployment.migrate({}, ids);
      await migration.until({ trouble: expect.stringMatching(reason) as string });
      expect(migration.requests()).toEqual([]);
      front.be(null, ids.serviceInstanceUuid);
      expect(await migration.result()).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
      expect(migration.requests()).toHaveLength(1);
    },
  );

  it('R1: down after the final was lost: unknown is not no; it is read again, and no second request leaves', async () => {
    const ids = mano.take();
    await mano.addRules({ behaviour: 'final-lost', vnfUuid: ids.vnfUuid });
    const migration = await deployment.migrate({ finalTimeout: '1s', onUnknownOutcome: 'retry' }, ids);
    await migration.until({ phase: 'awaiting-final' });
    front.be('down', ids.serviceInstanceUuid);
    await migration.until({ trouble: expect.any(String) as string });
    expect(migration.requests()).toHaveLength(1);
    front.be(null, ids.serviceInstanceUuid);
    expect(await migration.result()).toMatchObject({ outcome: 'migrated', evidence: 'repository' });
    expect(migration.requests()).toHaveLength(1);
  });

  it('R1: back after a moment: read again, without a word', async () => {
    const ids = mano.take();
    front.be('500', ids.serviceInstanceUuid);
    const migration = await deployment.migrate({}, ids);
    await vi.waitUntil(() => front.asked.includes(ids.serviceInstanceUuid), { ...PATIENTLY, interval: 10 });
    front.be(null, ids.serviceInstanceUuid);
    const result = await migration.result();
    expect(result).toMatchObject({ outcome: 'migrated' });
    expect(result.attempts).toHaveLength(1);
  });
});
