/** What both clients are made with. */
import type { Client } from '@temporalio/client';
import type { StartRun } from './start-run.js';

/** What a client is made with. */
export interface MigrationClientOptions {
  client: Client;
  /** Default `vnf-migration`. */
  taskQueue?: string;
  /** How a run is started; default: by the client. */
  startRun?: StartRun;
}
