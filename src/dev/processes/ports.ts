// Finds free ports on the loopback address. The ports lie below the ephemeral range of Linux and macOS, because no
// outgoing connection receives such a port. A server that is killed and restarted finds its port still free. A
// client that retries the closed port cannot connect to itself.
import { randomInt } from 'node:crypto';
import { createConnection, createServer, type Server } from 'node:net';

export const LOOPBACK = '127.0.0.1';

const FIRST_PORT = 20_000;
const LAST_PORT = 29_999;
const MAX_TRIES = 200;

/** Returns different ports that are free now. Another process may take one before the caller uses it. */
export async function freePorts(count: number): Promise<number[]> {
  const held: { port: number; server: Server }[] = [];
  try {
    for (let tries = 0; held.length < count && tries < MAX_TRIES; tries++) {
      const port = randomInt(FIRST_PORT, LAST_PORT + 1);
      const server = await hold(port);
      if (server) held.push({ port, server });
    }
  } finally {
    // Hold all ports until all are chosen, so that they differ.
    await Promise.all(held.map(({ server }) => release(server)));
  }
  if (held.length < count) throw new Error(`no free port between ${FIRST_PORT} and ${LAST_PORT}`);
  return held.map(({ port }) => port);
}

/** Returns true if a process accepts connections on the port now. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: LOOPBACK, port, timeout: 1_000 });
    const settle = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}

function hold(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => resolve(server));
  });
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
