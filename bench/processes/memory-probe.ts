/**
 * A module that is loaded into a worker before its own code (`--expose-gc --import`), in each of its threads. On
 * SIGUSR2 every thread collects its garbage and reports the size of its heap. The probe then writes a line with the
 * sum and the resident set to BENCH_MEMORY_FILE.
 *
 * Workflows run in a separate thread, whose heap is not part of the figures of the main thread.
 */
import { appendFileSync } from 'node:fs';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

/** One line of the probe's output. */
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

/** There is no time limit: a collection of a gigabyte takes seconds. */
function writeWhenComplete(): void {
  if (heaps.length <= otherThreads) return;
  const heapBytes = heaps.reduce((sum, bytes) => sum + bytes, 0);
  const line: MemoryLine = { threads: heaps.length, heapBytes, residentBytes: process.memoryUsage.rss() };
  appendFileSync(process.env['BENCH_MEMORY_FILE'] ?? '', `${JSON.stringify(line)}\n`);
}

/** Collect twice: the second collection frees what the first one finalized. */
function heapAfterCollection(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
