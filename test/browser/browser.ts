/**
 * A headless Chromium, controlled directly over a pipe with its DevTools protocol.
 *
 * Invariants: the browser ends with `close`, and with this process. Its profile is a separate folder that is
 * deleted with it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export interface BrowserEvent {
  method: string;
  params: Record<string, unknown>;
}

type Fields = Record<string, unknown>;

interface Answer {
  id?: number;
  sessionId?: string;
  result?: Fields;
  error?: { message: string };
  method?: string;
  params?: Fields;
}

const FLAGS = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--no-first-run',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
];
const ANSWER_WITHIN_MS = 60_000;

export class Browser {
  private readonly child: ChildProcess;
  private readonly profile: string;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly listeners = new Set<(event: BrowserEvent) => void>();
  private lastId = 0;
  private unread = '';

  constructor(executable: string) {
    this.profile = mkdtempSync(join(tmpdir(), 'vnf-migrator-browser-'));
    // Chromium refuses a sandbox to root; what it opens here are files of our own.
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    this.child = spawn(executable, [...FLAGS, ...sandbox, `--user-data-dir=${this.profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    (this.child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.read(text));
    this.child.once('exit', () => this.abandon());
  }

  /** A page of its own. */
  async page(): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { params: { url: 'about:blank' } });
    const params = { targetId, flatten: true };
    const { sessionId } = await this.send('Target.attachToTarget', { params });
    return new Page(this, sessionId as string);
  }

  async send(method: string, { params = {}, sessionId }: { params?: Fields; sessionId?: string } = {}) {
    this.lastId += 1;
    const id = this.lastId;
    const answered = new Promise<Answer>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`the browser does not answer ${method}`)),
        ANSWER_WITHIN_MS,
      );
      this.waiting.set(id, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
    });
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Tells every event of a page until the returned function is called. */
  listen(listener: (event: BrowserEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    const gone = this.child.exitCode === null ? once(this.child, 'exit') : null;
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private read(text: string): void {
    const messages = (this.unread + text).split('\0');
    this.unread = messages.pop() ?? '';
    for (const message of messages) {
      const answer = JSON.parse(message) as Answer;
      if (answer.id !== undefined) {
        this.waiting.get(answer.id)?.(answer);
        this.waiting.delete(answer.id);
      } else if (answer.method !== undefined) {
        const event = { method: answer.method, params: answer.params ?? {} };
        for (const listener of this.listeners) listener(event);
      }
    }
  }

  private abandon(): void {
    for (const answer of this.waiting.values()) answer({ error: { message: 'the browser ended' } });
    this.waiting.clear();
  }
}

export class Page {
  private readonly browser: Browser;
  private readonly sessionId: string;

  constructor(browser: Browser, sessionId: string) {
    this.browser = browser;
    this.sessionId = sessionId;
  }

  async send(method: string, params: Fields = {}): Promise<Fields> {
    return await this.browser.send(method, { params, sessionId: this.sessionId });
  }

  /** Opens an address and waits until it is loaded; tells what happened meanwhile. */
  async open(url: string): Promise<BrowserEvent[]> {
    const events: BrowserEvent[] = [];
    let stop = (): void => undefined;
    const loaded = new Promise<void>((resolve) => {
      stop = this.browser.listen((event) => {
        events.push(event);
        if (event.method === 'Page.loadEventFired') resolve();
      });
    });
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await this.send(`${domain}.enable`);
    await this.send('Page.navigate', { url });
    await loaded;
    // What the page did while it was laid out has been told once this is answered.
    await this.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
    stop();
    return events;
  }

  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', params);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: unknown }).value;
  }

  async close(): Promise<void> {
    await this.send('Page.close');
  }
}
