import { tlsProblem, withoutSource, type TlsPeer } from '../settings/tls-errors.js';
import { FILE_SETTINGS, UnusableFileError } from '../settings/broker-tls-and-credentials.js';
import { missingPermission } from './permissions.js';

/** Why there is no session: an outage that passes, or something that only a person can mend. */
export interface Loss {
  kind: 'outage' | 'misconfigured';
  /** Readable, without credentials. */
  reason: string;
}

/** The class of a loss, as metrics count it: few, and without a text of the broker. */
export const LOSS_CAUSES = [
  /** The network, or a broker that ended or is not there. */
  'outage',
  /** The broker did not answer in time. */
  'no-answer',
  /** The broker failed at what it was asked for, such as a queue without a leader (541). */
  'broker-error',
  'login',
  'permission',
  'exchange',
  'queue',
  /** A host that cannot be resolved, a certificate, a file. */
  'settings',
] as const;
export type LossCause = (typeof LOSS_CAUSES)[number];

interface Diagnosis {
  pattern: RegExp;
  cause: LossCause;
  reason: string;
}

const LACKS_PERMISSION = "the broker's user lacks a permission; docs/security.md lists those that it needs";

/** The first that fits. */
const MISCONFIGURATIONS: readonly Diagnosis[] = [
  {
    pattern: /Login was refused using authentication mechanism EXTERNAL/i,
    cause: 'login',
    reason:
      'the broker refused the login by the certificate in AMQP_TLS_CERT_FILE: it has no user of that name, ' +
      'or takes the name from another part of it (ssl_cert_login_from)',
  },
  {
    pattern: /mechanism EXTERNAL is not provided/i,
    cause: 'login',
    reason:
      'the broker takes no login by certificate there (its plugin rabbitmq_auth_mechanism_ssl, auth_mechanisms); ' +
      'with a user in AMQP_URL a password is used',
  },
  {
    pattern: /mechanism PLAIN is not provided/i,
    cause: 'login',
    reason: 'the broker takes no password: log in by certificate (AMQP_TLS_CERT_FILE, no user in AMQP_URL)',
  },
  {
    pattern: /ACCESS_REFUSED.*login|403.*login|Login was refused/i,
    cause: 'login',
    reason: 'the broker refused the credentials in AMQP_URL (or AMQP_PASSWORD_FILE)',
  },
  { pattern: /ACCESS_REFUSED/, cause: 'permission', reason: LACKS_PERMISSION },
  {
    // amqplib does not pass the broker's own text on here.
    pattern: /Expected ConnectionOpenOk; got <ConnectionClose|NOT_ALLOWED.*vhost/i,
    cause: 'login',
    reason: 'the broker does not know the virtual host in AMQP_URL, or refuses it',
  },
  {
    pattern: /PRECONDITION_FAILED.* for exchange '/i,
    cause: 'exchange',
    reason:
      'the exchange in AMQP_EXCHANGE exists, but is no non-durable topic exchange as the MANO declares it ' +
      '(delete it, or name the right one)',
  },
  {
    pattern: /PRECONDITION_FAILED.* for queue '/i,
    cause: 'queue',
    reason:
      'our queue exists with other arguments than ours (from another version?); delete it, and it is declared again',
  },
  { pattern: /ENOTFOUND|EAI_AGAIN/i, cause: 'settings', reason: 'the host in AMQP_URL cannot be resolved' },
];

const BROKER: TlsPeer = {
  name: 'the broker',
  address: 'AMQP_URL',
  ca: FILE_SETTINGS.ca,
  cert: FILE_SETTINGS.cert,
};

/** Sorts what amqplib and the broker say. Brokers' texts name users and virtual hosts, never passwords. */
export function classifyLoss(error: Error): Loss {
  if (error instanceof UnusableFileError) return { kind: 'misconfigured', reason: error.message };
  const text = describeError(error);
  const permission = missingPermission(error);
  if (permission !== null) {
    return { kind: 'misconfigured', reason: `${LACKS_PERMISSION}: here ${permission} (${text})` };
  }
  const reason = diagnosisOf(text)?.reason ?? tlsProblem(text, BROKER);
  if (reason !== null) return { kind: 'misconfigured', reason: `${reason} (${text})` };
  return { kind: 'outage', reason: text };
}

/** The class of what `classifyLoss` describes. */
export function causeOfLoss(error: Error): LossCause {
  if (error instanceof UnusableFileError) return 'settings';
  if (missingPermission(error) !== null) return 'permission';
  const text = describeError(error);
  const known = diagnosisOf(text);
  if (known !== undefined) return known.cause;
  if (tlsProblem(text, BROKER) !== null) return 'settings';
  if (/INTERNAL.ERROR/.test(text)) return 'broker-error';
  return text.includes('did not answer within') ? 'no-answer' : 'outage';
}

function diagnosisOf(text: string): Diagnosis | undefined {
  return MISCONFIGURATIONS.find(({ pattern }) => pattern.test(text));
}

function describeError(error: Error): string {
  // Several addresses of one host: Node puts what happened to each into an AggregateError without a message.
  const text = error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message;
  return withoutSource(text).slice(0, 500);
}
