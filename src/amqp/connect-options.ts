/** How we connect: the URL taken apart, so that a missing path means the default virtual host. */
import type { Options } from 'amqplib';

export const HEARTBEAT_SECONDS = 10;

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
