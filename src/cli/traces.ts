/** Traces of a command, from before it runs until it has ended. */
import type { Command } from 'commander';
import { createLogger } from '../observability/logger.js';
import { loadConfig, type Config } from '../settings/config.js';
import { startTracing, type StopTracing } from '../tracing/start.js';
import { packageVersion } from './package-version.js';

/** They do nothing for a migration, or stand for other programs. */
const WITHOUT = new Set(['dev', 'simulate', 'schema', 'token']);

export function traceCommands(program: Command): { stop: StopTracing } {
  let stop: StopTracing = () => Promise.resolve(true);
  program.hook('preAction', async (...[, command]) => {
    if (!WITHOUT.has(command.name())) stop = await begin();
  });
  return { stop: () => stop() };
}

async function begin(): Promise<StopTracing> {
  const { traces: settings, logLevel } = settingsOrNone();
  const log = createLogger({ level: logLevel });
  const onTrouble = (reason: string | null): void => {
    if (reason === null) log.info('exports traces again');
    else log.warn({ reason }, 'cannot export traces');
  };
  return await startTracing({ settings, version: packageVersion(), onTrouble });
}

/** The command itself reports settings that are wrong, in its own form. */
function settingsOrNone(): Pick<Config, 'traces' | 'logLevel'> {
  try {
    return loadConfig(process.env);
  } catch {
    return { traces: null, logLevel: 'silent' };
  }
}
