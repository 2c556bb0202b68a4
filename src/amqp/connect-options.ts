/**
 * How we connect: the URL taken apart, so that a missing path means the default virtual host, and what the files hold.
 *
 * Invariant: over TLS the broker shows a certificate that is signed by whom we trust, and made out for the host in the
 * URL; nothing in the environment switches that off.
 */
import { credentials, type Options, type SocketOptions } from 'amqplib';
import { logsInByCertificate, readSecrets, type NodeAccess } from '../settings/broker-tls-and-credentials.js';

export const HEARTBEAT_SECONDS = 10;

/**
 * What amqplib is given, for one connection.
 * @throws UnusableFileError
 */
export function connectArguments(access: NodeAccess): [Options.Connect, SocketOptions] {
  const { password, ca, cert, key } = readSecrets(access);
  const options = connectOptions(access.url);
  return [
    password === null ? options : { ...options, password },
    {
      ...(options.protocol === 'amqps' ? { rejectUnauthorized: true } : {}),
      ...(ca === null ? {} : { ca }),
      ...(cert === null || key === null ? {} : { cert, key }),
      ...(logsInByCertificate(access) ? { credentials: credentials.external() } : {}),
    },
  ];
}

export function connectOptions(text: string): Options.Connect {
  const url = new URL(text);
  const vhost = url.pathname.slice(1);
  return {
    protocol: url.protocol.slice(0, -1),
    // An IPv6 address stands in brackets only within a URL.
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    username: percentDecoded(url.username || 'guest'),
    password: percentDecoded(url.password || 'guest'),
    // amqplib decodes this one itself.
    vhost: vhost === '' ? '/' : vhost,
    heartbeat: HEARTBEAT_SECONDS,
  };
}

/** A password with a bare "%" is no percent-encoding; it is meant as it stands. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
