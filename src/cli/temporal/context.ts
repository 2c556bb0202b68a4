/** The settings and the Temporal client that most commands need. */
import { CampaignClient } from '../../client/campaign-client.js';
import { CampaignSchedules } from '../../client/campaign-schedules.js';
import { connectClient, type ConnectedClient } from '../../client/connect.js';
import { LimitsClient } from '../../client/limits-client.js';
import { MigrationClient } from '../../client/migration-client.js';
import { loadConfig, type Config } from '../../settings/config.js';
import { CommandError } from '../exit-codes.js';

export interface Context {
  config: Config;
  client: ConnectedClient;
  migrations: MigrationClient;
  campaigns: CampaignClient;
  limits: LimitsClient;
  schedules: CampaignSchedules;
}

/** Runs a command with a connection to Temporal, and closes the connection afterwards. */
export async function withTemporal<T>(command: (context: Context) => Promise<T>): Promise<T> {
  const config = loadConfig(process.env);
  const client = await connect(config);
  try {
    const { taskQueue } = config.temporal;
    const migrations = new MigrationClient({ client, taskQueue });
    const campaigns = new CampaignClient({ client, taskQueue });
    const limits = new LimitsClient({ client, taskQueue, deployment: config.deployment });
    const schedules = new CampaignSchedules({ client, taskQueue });
    return await command({ config, client, migrations, campaigns, limits, schedules });
  } finally {
    await client.connection.close();
  }
}

async function connect(config: Config): Promise<ConnectedClient> {
  try {
    return await connectClient(config);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`no Temporal at ${config.temporal.address} (TEMPORAL_ADDRESS): ${reason}`);
  }
}
