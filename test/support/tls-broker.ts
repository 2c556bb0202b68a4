/**
 * A RabbitMQ for one test with a TLS port, beside the plain port for a MANO or a test.
 *
 * Invariant: certificates log in by their common name, with the mechanism EXTERNAL.
 */
import { vi } from 'vitest';
import { freePorts, isListening, LOOPBACK } from '../../src/dev/processes/ports.js';
import type { Authority, Certificate } from './certificates.js';
import { startOwnBroker, type OwnBroker } from './own-broker.js';

/** Whether a client must send a certificate. */
export type Demand = 'welcome' | 'demanded';

export interface TlsBroker extends Omit<OwnBroker, 'configure'> {
  /** The URL with the host name, without a user. */
  amqpsUrl: string;
  /** Restarts it with another certificate or another demand. */
  restart: (identity: Identity) => Promise<void>;
}

export interface Identity {
  server: Certificate;
  clientCertificate: Demand;
}

export async function startTlsBroker(options: { authority: Authority } & Identity): Promise<TlsBroker> {
  const { authority } = options;
  const [port = 0] = await freePorts(1);
  const settings = ({ server, clientCertificate }: Identity): string[] => [
    `listeners.ssl.1 = ${LOOPBACK}:${port}`,
    `ssl_options.cacertfile = ${authority.ca}`,
    `ssl_options.certfile = ${server.cert}`,
    `ssl_options.keyfile = ${server.key}`,
    'ssl_options.verify = verify_peer',
    `ssl_options.fail_if_no_peer_cert = ${String(clientCertificate === 'demanded')}`,
    'ssl_cert_login_from = common_name',
    ...['auth_mechanisms.1 = PLAIN', 'auth_mechanisms.2 = AMQPLAIN', 'auth_mechanisms.3 = EXTERNAL'],
  ];
  const { configure, ...broker } = await startOwnBroker({
    plugins: ['rabbitmq_auth_mechanism_ssl'],
    settings: settings(options),
  });
  const listens = async (): Promise<void> => {
    await vi.waitUntil(() => isListening(port), { timeout: 20_000 });
  };
  await listens();
  return {
    ...broker,
    amqpsUrl: `amqps://localhost:${port}`,
    restart: async (identity) => {
      await broker.rabbitmq.stop();
      await configure(settings(identity));
      await broker.rabbitmq.start();
      await listens();
    },
  };
}
