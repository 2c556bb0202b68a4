/**
 * `/livez`, `/readyz` and `/metrics`.
 *
 * Invariants: it answers GET on these three paths and nothing else, repeats nothing of a request, and listens on the
 * loopback interface unless HTTP_ADDRESS says otherwise.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from './readiness.js';

export interface HealthServerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  readiness: () => Readiness;
  /** The metrics in Prometheus' text format. */
  metrics: () => Promise<string>;
}

export interface HealthServer {
  /** Where it listens, such as `127.0.0.1:9464`. */
  address: string;
  stop(): Promise<void>;
}

/** @throws if the address cannot be listened on */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    request.resume();
    // Not parsed as a URL: a client may send anything.
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (request.method === 'GET') void answer(response, { path, options });
    else send(response, { status: 405, text: 'GET only\n' });
  });
  await listen(server, options);
  const { address, port } = server.address() as AddressInfo;
  return { address: `${address}:${port}`, stop: () => stop(server) };
}

async function answer(
  response: ServerResponse,
  { path, options }: { path: string; options: HealthServerOptions },
): Promise<void> {
  switch (path) {
    case '/livez':
      send(response, { status: 200, text: 'alive\n' });
      return;
    case '/readyz': {
      const readiness = options.readiness();
      const text = `${JSON.stringify(readiness)}\n`;
      send(response, { status: readiness.ready ? 200 : 503, text, type: 'application/json' });
      return;
    }
    case '/metrics':
      try {
        send(response, { status: 200, text: await options.metrics(), type: 'text/plain; version=0.0.4' });
      } catch {
        send(response, { status: 503, text: 'no metrics\n' });
      }
      return;
    default:
      send(response, { status: 404, text: '/livez, /readyz or /metrics\n' });
  }
}

function send(
  response: ServerResponse,
  { status, text, type = 'text/plain' }: { status: number; text: string; type?: string },
): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(text);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
