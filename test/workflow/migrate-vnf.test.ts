import { describe, expect } from 'vitest';
import { it } from '../support/rig.js';
import { ack, ready } from '../support/scripted-mano.js';
import { newTask } from '../support/tasks.js';

describe('a clean migration', () => {
  it('works', async ({ open }) => {
    console.time('open');
    const rig = await open();
    console.timeEnd('open');
    const task = newTask();
    rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack(), ready(task.readyRecords)]);
    console.time('run');
    const id = await rig.start(task.input);
    const result = await rig.migrations.result(id);
    console.timeEnd('run');
    console.log(JSON.stringify(result, null, 1), rig.mano.requests);
    const h = await rig.history(id);
    console.log(h.events!.length, h.events!.map((e) => e.eventType));
    const d = await rig.migrations.describe(id);
    console.log(d.historySize, JSON.stringify(result.vnfrs).length + JSON.stringify(result.nsr).length);
    expect(result.outcome).toBe('migrated');
  });
});
