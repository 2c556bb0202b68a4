/**
 * A receiver of notifications. It reads what it gets with the public libraries of both formats, and answers as it is told.
 *
 * Invariant: an event counts as received only if its signature is right and it was answered with 204.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { HTTP, type CloudEvent } from 'cloudevents';
import { Webhook } from 'standardwebhooks';

/** To one request: a status, or whatever else a server may do. */
export type Answer = number | ((request: IncomingMessage, response: ServerResponse) => void);

export class WebhookReceiver {
  readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
  /** What it has answered with 204, in this order. */
  readonly received: CloudEvent<Record<string, unknown>>[] = [];
  /** The ids of all requests, in this order. */
  readonly asked: string[] = [];
  /** To the next requests, in this order; then 204. */
  readonly answers: Answer[] = [];
  /** Of requests that no receiver should believe. */
  readonly forged: string[] = [];
  private server: Server | null = null;

  private constructor(readonly port: number) {}

  /** Reserves a port, and does not listen yet. */
  static async reserve(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(await freePort());
    return receiver;
  }

  static async open(): Promise<WebhookReceiver> {
    const receiver = await WebhookReceiver.reserve();
    await receiver.listen();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}/hook`;
  }

  get ids(): string[] {
    return this.received.map(({ id }) => id);
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      void text(request).then((body) => this.answer({ request, response, body }));
    });
    this.server = server;
    await once(server.listen(this.port, '127.0.0.1'), 'listening');
  }

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
    this.server = null;
  }

  private answer({
    request,
    response,
    body,
  }: {
    request: IncomingMessage;
    response: ServerResponse;
    body: string;
  }): void {
    const { headers } = request;
    this.asked.push(String(headers['webhook-id']));
    try {
      new Webhook(this.secret).verify(body, headers as Record<string, string>);
    } catch (error) {
      this.forged.push(String(error));
      response.writeHead(401).end();
      return;
    }
    const answer = this.answers.shift() ?? 204;
    if (typeof answer === 'function') {
      answer(request, response);
      return;
    }
    if (answer === 204)
      this.received.push(HTTP.toEvent({ headers, body }) as CloudEvent<Record<string, unknown>>);
    response.writeHead(answer, { location: '/elsewhere' }).end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
