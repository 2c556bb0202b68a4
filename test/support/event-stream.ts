/** A client of server-sent events of a console. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { ConsoleCaller } from './console-process.js';
import type { TestConsole } from './console.js';

interface Event {
  name: string;
  data: Record<string, unknown>;
  id: string;
}

export class EventStream {
  /** Names of events, in their order. */
  readonly seen: string[] = [];
  lastId = '';
  private readonly queue: Event[] = [];
  private buffer = '';
  private wake: () => void = () => undefined;
  private isOver = false;

  private constructor(private readonly stream: Readable) {
    stream.on('data', (chunk: Buffer) => this.take(chunk.toString()));
    stream.on('close', () => {
      this.isOver = true;
      this.wake();
    });
  }

  static async open(
    console: TestConsole,
    url: string,
    { lastId = '' }: { lastId?: string } = {},
  ): Promise<EventStream> {
    const headers: Record<string, string> = lastId === '' ? {} : { 'last-event-id': lastId };
    const response = await console.ask('GET', url, { payloadAsStream: true, headers });
    if (response.statusCode !== 200) throw new Error(`${response.statusCode}`);
    return new EventStream(response.stream());
  }

  /** Of a console that is a process of its own. */
  static async from(
    { url, headers }: ConsoleCaller,
    path: string,
    { lastId = '' }: { lastId?: string } = {},
  ): Promise<EventStream> {
    const request = get(`${url}/api/v1/${path}`, {
      agent: false,
      headers: { ...headers, ...(lastId === '' ? {} : { 'last-event-id': lastId }) },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`${response.statusCode}`);
    // A console that is killed resets it: then the stream is over, as it is for a browser.
    response.on('error', () => undefined);
    return new EventStream(response);
  }

  /** Resolves when the console has ended it, or is gone. */
  async over(): Promise<void> {
    while (!this.isOver) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** The data of the next event of this name; others are passed by. */
  async next(name: string): Promise<Record<string, unknown>> {
    for (;;) {
      for (let event = this.queue.shift(); event !== undefined; event = this.queue.shift()) {
        this.lastId = event.id;
        if (event.name === name) return event.data;
      }
      if (this.isOver) throw new Error(`the stream ended without ${name}; it had ${this.seen.join(', ')}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  close(): void {
    this.stream.destroy();
  }

  private take(text: string): void {
    this.buffer += text;
    const parts = this.buffer.split('\n\n');
    this.buffer = parts.pop() ?? '';
    for (const part of parts) {
      const field = (key: string): string =>
        part
          .split('\n')
          .filter((line) => line.startsWith(`${key}:`))
          .map((line) => line.slice(key.length + 1).trimStart())
          .join('\n');
      if (field('data') === '') continue;
      const name = field('event');
      this.seen.push(name);
      this.queue.push({ name, id: field('id'), data: JSON.parse(field('data')) as Record<string, unknown> });
    }
    this.wake();
  }
}
