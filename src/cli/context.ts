/** What most commands need: the settings, and a client on Temporal. */
import { connectClient, type ConnectedClient } from '../client/connect.js';
import { MigrationClient } from '../client/migration-client.js';
import { loadConfig, type Config } from '../config.js';
import { CommandError } from './exit.js';

export interface Context {
  config: Config;
  client: ConnectedClient;
  migrations: MigrationClient;
}

/** Runs a command that talks to Temporal, and closes the connection after it. */
export async function withTemporal<T>(command: (context: Context) => Promise<T>): Promise<T> {
  const config = loadConfig(process.env);
  const client = await connect(config);
  try {
    const migrations = new MigrationClient({ client, taskQueue: config.temporal.taskQueue });
    return await command({ config, client, migrations });
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
