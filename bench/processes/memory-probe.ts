/**
 * Loaded into a worker before its own code (`--expose-gc --import`), in each of its threads: upon SIGUSR2 every thread
 * collects its garbage and tells how large its heap is, and a line with the sum and the resident set is written to
 * BENCH_MEMORY_FILE.
 *
 * Workflows live in a thread of their own, whose heap the main thread's figures do not tell.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

/** What the probe writes. */
export interface MemoryLine {
  threads: number;
  heapBytes: number;
  residentBytes: number;
}

const ANSWERS_WITHIN_MS = 2_000;

const channel = new BroadcastChannel('bench-memory');
channel.unref();

if (isMainThread) process.on('SIGUSR2', () => void measure());
else {
  channel.onmessage = ({ data }) => {
    if (data === 'measure') channel.postMessage(heapAfterCollection());
  };
  channel.unref();
}

async function measure(): Promise<void> {
  const heaps = [heapAfterCollection()];
  channel.onmessage = ({ data }) => void heaps.push(Number(data));
  channel.postMessage('measure');
  await delay(ANSWERS_WITHIN_MS);
  const heapBytes = heaps.reduce((sum, bytes) => sum + bytes, 0);
  const line: MemoryLine = { threads: heaps.length, heapBytes, residentBytes: process.memoryUsage.rss() };
  appendFileSync(process.env['BENCH_MEMORY_FILE'] ?? '', `${JSON.stringify(line)}\n`);
}

/** Twice: what the first finds to be finished the second frees. */
function heapAfterCollection(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
