/** How we connect: the URL taken apart, so that a missing path means the default virtual host. */
import type { Options } from 'amqplib';

export const HEARTBEAT_SECONDS = 10;

export function connectOptions(text: string): Options.Connect {
  const url = new URL(text);
  const vhost = decodeURIComponent(url.pathname.slice(1));
  return {
    protocol: url.protocol.slice(0, -1),
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    username: decodeURIComponent(url.username || 'guest'),
    password: decodeURIComponent(url.password || 'guest'),
    vhost: vhost === '' ? '/' : vhost,
    heartbeat: HEARTBEAT_SECONDS,
  };
}
