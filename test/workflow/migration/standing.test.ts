/** Where one migration stands: its state, its result, its failure, or that no worker answers. */
import { describe, expect } from 'vitest';
import { migrationStanding } from '../../../src/client/migration-standing.js';
import { it } from '../../support/rig.js';
import { ack, ready, rejection } from '../../support/scripted-mano.js';
import { newTask } from '../../support/tasks.js';

const NOTHING = { state: null, result: null, failure: null, unavailable: null };

describe.concurrent('a migration', () => {
  it('that runs tells its state, or that no worker answers; one that has ended needs no worker', async ({
    rig,
  }) => {
    const { input, readyRecords } = newTask();
    rig.mano.onMigration(input.serviceInstanceUuid, () => [ack()]);
    const id = await rig.start(input);
    await rig.inPhase(id, 'awaiting-final');
    expect(await migrationStanding(rig.migrations, id)).toEqual({
      ...NOTHING,
      ...{ workflowId: id, status: 'RUNNING', closedAt: null },
      startedAt: expect.any(String) as string,
      state: expect.objectContaining({ phase: 'awaiting-final' }) as object,
    });
    const { correlationId } = rig.mano.migrations(input.serviceInstanceUuid)[0]!;
    rig.mano.send({ ...ready(readyRecords), correlationId });
    await rig.migrations.result(id);
    await rig.stopWorker();
    expect(await migrationStanding(rig.migrations, id)).toMatchObject({
      ...NOTHING,
      ...{ status: 'COMPLETED', closedAt: expect.any(String) as string },
      result: { outcome: 'migrated' },
    });
    const other = await rig.start(newTask().input);
    expect(await migrationStanding(rig.migrations, other)).toMatchObject({
      ...NOTHING,
      ...{ status: 'RUNNING', unavailable: expect.any(String) as string },
    });
    await rig.client.workflow.getHandle(other).terminate();
  });

  it('that has failed tells why, with its last state', async ({ rig }) => {
    const { input } = newTask();
    rig.mano.onMigration(input.serviceInstanceUuid, () => [rejection('no such luck')]);
    const id = await rig.start(input);
    await rig.migrations.ending(id);
    expect(await migrationStanding(rig.migrations, id)).toMatchObject({
      ...NOTHING,
      ...{ status: 'FAILED', failure: { type: 'MigrationRejected', state: { phase: 'closed' } } },
    });
  });
});
