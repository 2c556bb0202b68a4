/**
 * A process of people who watch one campaign, as the pages do it: each has a stream of its own, reads the items and the audit
 * trail when the stream says so, and comes back when it is cut. What they read is not parsed: browsers have processors of
 * their own.
 *
 * Its last line is a `Watched` in JSON.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface Watching {
  url: string;
  /** The campaign. */
  name: string;
  /** In turns. */
  tokens: string[];
  watchers: number;
}

export interface Watched {
  ended: number;
  /** Streams that were opened; more than there are watchers: some were cut. */
  streams: number;
  /** Of one stream. */
  mostBytes: number;
  leastBytes: number;
  /** Times that a stream said that nothing could be read. */
  troubles: number;
  /** Answers that were no success, by status; 0: no answer. */
  failures: Record<string, number>;
  watchersCpuSeconds: number;
}

const PAGE_SIZE = 1_000;
const AUDIT_EVERY_MS = 15_000;
const COME_BACK_MS = 1_000;

class Watcher {
  bytes = 0;
  streams = 0;
  troubles = 0;
  private lastId = '';
  private readonly path: string;
  private readonly over = new AbortController();

  constructor(
    private readonly watching: Watching,
    private readonly token: string,
    private readonly failed: (status: number) => void,
  ) {
    this.path = `${watching.url}/api/v1/campaigns/${watching.name}`;
  }

  async watch(): Promise<void> {
    const reading = this.readAuditAgain();
    while (!(await this.streamUntilEnd())) await delay(COME_BACK_MS);
    this.over.abort();
    await Promise.all([reading, this.readItems()]);
  }

  /** True: it saw the end. */
  private async streamUntilEnd(): Promise<boolean> {
    const response = await this.open(`${this.path}/events`, this.lastId).catch(() => null);
    if (response?.statusCode !== 200) {
      this.failed(response?.statusCode ?? 0);
      response?.resume();
      return false;
    }
    this.streams += 1;
    let hasEnded = false;
    response.setEncoding('latin1');
    response.on('error', () => undefined);
    response.on('data', (text: string) => {
      this.bytes += text.length;
      // Names and ids are short and at the beginning of an event; one that is cut in two is looked at when the next comes.
      for (const [, name = '', id = ''] of text.matchAll(/^event:(\w+)\nid:(\S+)$/gm)) {
        this.lastId = id;
        if (name === 'ended') hasEnded = true;
        if (name === 'trouble') this.troubles += 1;
        if (name === 'snapshot') void this.readItems();
      }
    });
    await once(response, 'close').catch(() => undefined);
    return hasEnded;
  }

  private async readItems(): Promise<void> {
    for (let from: number | null = 0; from !== null;) {
      const page = await this.read(`${this.path}/items?from=${from}&limit=${PAGE_SIZE}`);
      const [, next] = /"nextIndex":(\d+)/.exec(page?.slice(-200) ?? '') ?? [];
      from = next === undefined ? null : Number(next);
    }
  }

  private async readAuditAgain(): Promise<void> {
    const { signal } = this.over;
    // Browsers are opened at any time.
    await delay(Math.random() * AUDIT_EVERY_MS, undefined, { signal }).catch(() => undefined);
    while (!signal.aborted) {
      await this.read(`${this.path}/audit`);
      await delay(AUDIT_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async read(url: string): Promise<string | null> {
    const response = await this.open(url).catch(() => null);
    if (response?.statusCode !== 200) {
      this.failed(response?.statusCode ?? 0);
      response?.resume();
      return null;
    }
    response.setEncoding('latin1');
    let text = '';
    // The end of it says where the next page begins.
    response.on('data', (chunk: string) => (text = text.slice(-200) + chunk));
    await once(response, 'close');
    return text;
  }

  private async open(url: string, lastId = ''): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${this.token}`, ...(lastId && { 'last-event-id': lastId }) };
    const request = get(url, { agent: false, headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }
}

const watching = JSON.parse(process.env['WATCHING'] ?? '{}') as Watching;
const failures: Record<string, number> = {};
const watchers = Array.from({ length: watching.watchers }, (_, index) => {
  const token = watching.tokens[index % watching.tokens.length] ?? '';
  return new Watcher(watching, token, (status) => (failures[status] = (failures[status] ?? 0) + 1));
});
let ended = 0;
await Promise.all(watchers.map((watcher) => watcher.watch().then(() => (ended += 1))));
const bytes = watchers.map((watcher) => watcher.bytes);
const { user, system } = process.cpuUsage();
const watched: Watched = {
  ended,
  streams: watchers.reduce((sum, { streams }) => sum + streams, 0),
  troubles: watchers.reduce((sum, { troubles }) => sum + troubles, 0),
  mostBytes: Math.max(...bytes),
  leastBytes: Math.min(...bytes),
  failures,
  watchersCpuSeconds: (user + system) / 1_000_000,
};
console.log(JSON.stringify(watched));
