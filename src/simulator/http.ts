/** A small HTTP server on loopback, for the simulated repository and for the simulator's own controls. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpRequest {
  method: string;
  /** Split at '/', decoded, without empty parts. */
  path: string[];
  query: URLSearchParams;
  /** Empty if the request named none. */
  contentType: string;
  body: () => Promise<string>;
}

/** dropped: the connection is cut without an answer · hung: no answer ever arrives. */
export type HttpAnswer =
  | { kind: 'answer'; status: number; contentType: string; body: string }
  | { kind: 'dropped' }
  | { kind: 'hung' };

export interface HttpServer {
  url: string;
  close: () => Promise<void>;
}

export async function serveHttp(
  answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>,
  { port, host = '127.0.0.1' }: { port: number; host?: string },
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    void respond(answer, { request, response });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  return { url: `http://${host}:${actualPort}`, close: () => closeServer(server) };
}

async function respond(
  answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  let outcome: HttpAnswer;
  try {
    outcome = await answer(parsed(request));
  } catch (error) {
    outcome = { kind: 'answer', status: 500, contentType: 'text/plain', body: String(error) };
  }
  switch (outcome.kind) {
    case 'answer':
      response.writeHead(outcome.status, { 'content-type': outcome.contentType });
      response.end(outcome.body);
      return;
    case 'dropped':
      response.destroy();
      return;
    case 'hung':
  }
}

function parsed(request: IncomingMessage): HttpRequest {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  return {
    method: request.method ?? 'GET',
    path: url.pathname
      .split('/')
      .filter((part) => part !== '')
      .map((part) => decodeURIComponent(part)),
    query: url.searchParams,
    contentType: request.headers['content-type'] ?? '',
    body: async () => Buffer.concat(await request.toArray()).toString('utf8'),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
