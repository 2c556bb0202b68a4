/**
 * A proxy in front of a repository. It forwards every request, except those about a service to which the test has
 * given a mood.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const MOODS = ['down', '500', 'not-found', 'html', 'redirects', 'huge', 'hangs'] as const;
export type Mood = (typeof MOODS)[number];

const HUGE_BYTES = 50_000_000;
const CHUNK = Buffer.alloc(1_000_000, ' ');

export class RepositoryFront {
  private readonly moods = new Map<string, Mood>();
  private readonly server: Server;
  /** The services with a mood that were requested. */
  readonly asked: string[] = [];

  private constructor(private readonly behind: string) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async open(behind: string): Promise<RepositoryFront> {
    const front = new RepositoryFront(behind);
    await new Promise<void>((resolve) => front.server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Sets the answers about a service from now on. Null forwards its requests again. */
  be(mood: Mood | null, serviceInstanceUuid: string): void {
    if (mood === null) this.moods.delete(serviceInstanceUuid);
    else this.moods.set(serviceInstanceUuid, mood);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
    });
  }

  private async answer({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [id = '', mood] = [...this.moods].find(([service]) => url.includes(service)) ?? [];
    if (mood === undefined) {
      const behind = await fetch(this.behind + url);
      response.writeHead(behind.status, { 'content-type': 'text/html' }).end(await behind.text());
      return;
    }
    this.asked.push(id);
    await inMood(mood, response);
  }
}

async function inMood(mood: Mood, response: ServerResponse): Promise<void> {
  switch (mood) {
    case 'down':
      response.destroy();
      return;
    case '500':
      response.writeHead(500).end('Error Establishing a Database Connection');
      return;
    case 'not-found':
      response.writeHead(404).end('<h1>Not Found</h1>');
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>');
      return;
    case 'redirects':
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      return;
    case 'huge':
      await sendHuge(response);
      return;
    case 'hangs':
  }
}

/** The body is valid JSON, for a client that reads all of it. */
async function sendHuge(response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const { signal } = gone;
  response.on('error', () => undefined).on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'application/json' });
  for (let sent = 0; sent < HUGE_BYTES; sent += CHUNK.byteLength) {
    if (!response.write(CHUNK)) await once(response, 'drain', { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
  response.end('{}');
}
