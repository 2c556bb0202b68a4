/**
 * Decodes replies without holding the event loop: small bodies at once, larger ones in a thread of its own.
 *
 * Invariants: a message that takes too long, too much memory or the thread's life is refused, and the next
 * one finds a new thread; what is not the message's fault (closed, the thread cannot start) rejects instead,
 * so that no message is parked for it. Bodies are copied before they go to the thread: the caller keeps
 * its own, which may be a slice of a buffer that others read.
 */
import { Worker } from 'node:worker_threads';
import { type DecodedReply, MAX_BODY_BYTES, type ReceivedMessage, decodeReply } from './reply.js';

/** Measured on two cores of a busy machine: 16 KiB of a READY take 2 ms, of the worst YAML found 10 ms. */
export const INLINE_BYTES = 16 * 1024;
/** The largest body that is read at all takes 1 to 2 s. */
const TIME_LIMIT_MS = 15_000;
const START_LIMIT_MS = 30_000;
const WORKER_OPTIONS = { resourceLimits: { maxOldGenerationSizeMb: 256 } };

export interface ReplyDecoder {
  /** Rejects only if the decoder is closed or its thread cannot be started. */
  decode(message: ReceivedMessage): Promise<DecodedReply>;
  /** What is being decoded rejects. */
  close(): Promise<void>;
}

export interface ReplyDecoderOptions {
  inlineBytes?: number;
  timeLimitMs?: number;
}

export function createReplyDecoder(options: ReplyDecoderOptions = {}): ReplyDecoder {
  const { inlineBytes = INLINE_BYTES, timeLimitMs = TIME_LIMIT_MS } = options;
  const thread = new DecoderThread(timeLimitMs);
  const needsThread = ({ byteLength }: Uint8Array): boolean =>
    byteLength > inlineBytes && byteLength <= MAX_BODY_BYTES;
  return {
    decode: async (message) => (needsThread(message.body) ? thread.decode(message) : decodeReply(message)),
    close: () => thread.close(),
  };
}

/** What a thread did next. */
type ThreadEvent =
  | { kind: 'answer'; value: unknown }
  | { kind: 'failed'; error: unknown }
  | { kind: 'exited' }
  | { kind: 'overran' };

/** One worker, started when it is first needed; messages wait for one another. */
class DecoderThread {
  #worker: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(private readonly timeLimitMs: number) {}

  decode(message: ReceivedMessage): Promise<DecodedReply> {
    const decoded = this.#last.then(() => this.#decodeNow(message));
    this.#last = decoded.catch(() => undefined);
    return decoded;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  async #decodeNow(message: ReceivedMessage): Promise<DecodedReply> {
    const worker = this.#worker ?? (await this.#start());
    this.#requireOpen();
    // Only while it has work may the thread keep the process alive.
    worker.ref();
    const { correlationId, topic, appId, receivedAt } = message;
    const body = Uint8Array.from(message.body);
    const next = nextEvent(worker, this.timeLimitMs);
    worker.postMessage({ correlationId, topic, appId, receivedAt, body }, [body.buffer]);
    const event = await next;
    worker.unref();
    if (event.kind !== 'answer') await this.#abandon(worker);
    return this.#outcomeOf(event);
  }

  #outcomeOf(event: ThreadEvent): DecodedReply {
    switch (event.kind) {
      case 'answer':
        return event.value as DecodedReply;
      case 'overran':
        return { kind: 'refused', reason: `decoding the body took longer than ${this.timeLimitMs} ms` };
      case 'failed':
        return { kind: 'refused', reason: 'decoding the body took too much memory or failed' };
      case 'exited':
        this.#requireOpen();
        return { kind: 'refused', reason: 'decoding the body ended its thread' };
    }
  }

  async #start(): Promise<Worker> {
    this.#requireOpen();
    const worker = spawnWorker();
    this.#worker = worker;
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = null;
    });
    const event = await nextEvent(worker, START_LIMIT_MS);
    if (event.kind === 'answer') return worker;
    await this.#abandon(worker);
    this.#requireOpen();
    const cause = event.kind === 'failed' ? event.error : event.kind;
    throw new Error('the thread that decodes replies did not start', { cause });
  }

  async #abandon(worker: Worker): Promise<void> {
    if (this.#worker === worker) this.#worker = null;
    await worker.terminate();
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error('the reply decoder is closed');
  }
}

function spawnWorker(): Worker {
  const worker = import.meta.url.endsWith('.ts')
    ? workerFromSource()
    : new Worker(new URL('./reply-worker.js', import.meta.url), WORKER_OPTIONS);
  // Without a listener an error of an idle thread would end the process. Its exit follows.
  worker.on('error', () => undefined);
  return worker;
}

/** In tests and development, with the project as the working directory: a thread has no loader for TypeScript. */
function workerFromSource(): Worker {
  const entry = JSON.stringify(new URL('./reply-worker.ts', import.meta.url).href);
  const start = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${entry}, ${entry}))`;
  return new Worker(start, { ...WORKER_OPTIONS, eval: true });
}

function nextEvent(worker: Worker, limitMs: number): Promise<ThreadEvent> {
  return new Promise((resolve) => {
    const settle = (event: ThreadEvent): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      resolve(event);
    };
    const onMessage = (value: unknown): void => settle({ kind: 'answer', value });
    const onError = (error: unknown): void => settle({ kind: 'failed', error });
    const onExit = (): void => settle({ kind: 'exited' });
    const timer = setTimeout(() => settle({ kind: 'overran' }), limitMs);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}
