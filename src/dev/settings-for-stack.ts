/**
 * The settings with which processes of ours reach a stack, and nothing of the surroundings' that is meant for another one:
 * keys and certificates for another broker, keys for other payloads, a version that is never made current here.
 */
import { FILE_SETTINGS } from '../settings/broker-tls-and-credentials.js';
import type { Stack } from './stack.js';

/** An empty setting is none. */
const NONE = { PAYLOAD_KEYS_FILE: '', TEMPORAL_DEPLOYMENT_NAME: '', TEMPORAL_WORKER_BUILD_ID: '' };

export function settingsFor(
  stack: Pick<Stack, 'amqpUrl' | 'rabbitmq' | 'temporalAddress' | 'temporalNamespace'>,
): Record<string, string> {
  const { amqpUrl, rabbitmq, temporalAddress, temporalNamespace } = stack;
  const isOurs = rabbitmq !== null;
  return {
    ...NONE,
    ...(isOurs ? Object.fromEntries(Object.values(FILE_SETTINGS).map((name) => [name, ''])) : {}),
    AMQP_URL: amqpUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: temporalNamespace,
  };
}
