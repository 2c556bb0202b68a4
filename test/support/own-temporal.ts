// A Temporal for one test, with its database on disk. The test may kill and restart it without affecting other
// tests.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Supervisor } from '../../src/dev/processes/supervisor.js';
import { startTemporal, type TemporalServer } from '../../src/dev/temporal/server.js';
import { temporalExecutable } from './temporal-cli.js';

export interface OwnTemporal {
  temporal: TemporalServer;
  address: string;
  close: () => Promise<void>;
}

export async function startOwnTemporal(): Promise<OwnTemporal> {
  const directory = await mkdtemp(join(tmpdir(), 'vnf-migrator-temporal-'));
  const supervisor = await Supervisor.start(directory);
  const temporal = await startTemporal({
    supervisor,
    executable: temporalExecutable(),
    namespace: 'default',
    persistent: true,
    env: process.env,
  });
  return {
    temporal,
    address: temporal.address,
    close: async () => {
      await supervisor.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
