/**
 * Loaded into a worker before its own code (`--expose-gc --import`), in each of its threads: upon SIGUSR2 every thread
 * collects its garbage and reports the size of its heap, and a line with the sum and the resident set is written to
 * BENCH_MEMORY_FILE.
 *
 * Workflows live in a thread of their own, whose heap is not part of the main thread's figures.
 */
import { appendFileSync } from 'node:fs';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

/** What the probe writes. */
export interface MemoryLine {
  threads: number;
  heapBytes: number;
  residentBytes: number;
}

const channel = new BroadcastChannel('bench-memory');
let otherThreads = 0;
let heaps: number[] = [];

if (isMainThread) {
  channel.onmessage = ({ data }) => {
    if (data === 'here') otherThreads += 1;
    else {
      heaps.push(Number(data));
      writeWhenComplete();
    }
  };
  process.on('SIGUSR2', () => {
    heaps = [heapAfterCollection()];
    channel.postMessage('measure');
    writeWhenComplete();
  });
} else {
  channel.onmessage = ({ data }) => {
    if (data === 'measure') channel.postMessage(heapAfterCollection());
  };
  channel.postMessage('here');
}
channel.unref();

/** However long they take: a collection of a gigabyte takes seconds. */
function writeWhenComplete(): void {
  if (heaps.length <= otherThreads) return;
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
