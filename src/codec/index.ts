/**
 * `vnf-migrator/codec`: for clients and workers of others, which must encrypt and decrypt as ours do.
 *
 * By `PAYLOAD_KEYS_FILE`; without it the converters change nothing, and name the setting where something is encrypted.
 * @module
 */
import type { DataConverter } from '@temporalio/common';
import { loadConfig } from '../settings/config.js';
import { clientConverter, workerConverter } from './data-converter.js';

/** For a Client. @throws ConfigError with every problem */
export function clientConverterFromSettings(environment: NodeJS.ProcessEnv = process.env): DataConverter {
  return clientConverter(loadConfig(environment).payloads.keys);
}

/** For `Worker.create`, and for `bundleWorkflowCode` where the bundle is made before. @throws ConfigError with every problem */
export function workerConverterFromSettings(environment: NodeJS.ProcessEnv = process.env): DataConverter {
  return workerConverter(loadConfig(environment).payloads.keys);
}
