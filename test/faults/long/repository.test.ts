/** A repository that accepts a request and never answers it. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { Deployment } from '../../support/deployment.js';
import { ManoProcess } from '../../support/mano-process.js';
import { RepositoryFront } from '../../support/repository-front.js';

const { amqpUrl, temporalAddress } = inject('stack');
const LIMIT_MS = 240_000;

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

it(
  'R1: hangs: given up in time and asked again, nothing is sent meanwhile',
  { timeout: LIMIT_MS },
  async () => {
    const ids = mano.take();
    front.be('hangs', ids.serviceInstanceUuid);
    const migration = await deployment.migrate({ busyTimeout: '5m' }, ids);
    const trouble = expect.stringMatching(/no whole answer within/) as string;
    await migration.until({ trouble }, { timeout: LIMIT_MS });
    expect(migration.requests()).toEqual([]);
    expect(front.asked.length).toBeGreaterThan(1);
    front.be(null, ids.serviceInstanceUuid);
    expect(await migration.result()).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
    expect(migration.requests()).toHaveLength(1);
  },
);
