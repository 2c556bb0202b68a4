/**
 * The settings that connect processes of this project to a stack. They clear the settings that belong to other
 * servers: keys and certificates of another broker, payload keys, receivers of notifications, logins of a console, a
 * collector of traces, and a worker version that is never made current here.
 */
import { FILE_SETTINGS } from '../settings/broker-tls-and-credentials.js';
import type { Stack } from './stack.js';

/** An empty setting counts as absent. */
const NONE = {
  PAYLOAD_KEYS_FILE: '',
  NOTIFY_FILE: '',
  CONSOLE_TOKENS_FILE: '',
  CONSOLE_PROXY_ADDRESSES: '',
  CONSOLE_ACTOR_HEADER: '',
  CONSOLE_GROUPS_HEADER: '',
  CONSOLE_OPERATOR_GROUP: '',
  // Their traces would go to whoever collects those of the surroundings.
  OTEL_SDK_DISABLED: 'true',
  TEMPORAL_DEPLOYMENT_NAME: '',
  TEMPORAL_WORKER_BUILD_ID: '',
};

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
