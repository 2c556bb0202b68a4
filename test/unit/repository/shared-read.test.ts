/** Many simultaneous callers share one read of a list. */
import { expect, it } from 'vitest';
import { sharedRead } from '../../../src/repository/shared-read.js';

/** Reads that end when told; each gives its number. */
function reads() {
  const open: ((error?: Error) => void)[] = [];
  const read = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const number = open.length + 1;
      open.push((error) => (error === undefined ? resolve(number) : reject(error)));
    });
  return { open, ask: sharedRead(read) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('those who ask while nothing is read share one read; those who ask meanwhile share the next', async () => {
  const { open, ask } = reads();
  const first = [ask(), ask()];
  await turn();
  const second = [ask(), ask(), ask()];
  await turn();
  // What is under way began before the second asked: it would be too old for them.
  expect(open).toHaveLength(1);
  open[0]!();
  expect(await Promise.all(first)).toEqual([1, 1]);
  await turn();
  expect(open).toHaveLength(2);
  open[1]!();
  expect(await Promise.all(second)).toEqual([2, 2, 2]);
});

it('a read that fails fails those who shared it, and no others', async () => {
  const { open, ask } = reads();
  const first = ask();
  await turn();
  const second = ask();
  open[0]!(new Error('unreadable'));
  await expect(first).rejects.toThrow('unreadable');
  await turn();
  open[1]!();
  expect(await second).toBe(2);
});

it('who gives up leaves the others their read', async () => {
  const { open, ask } = reads();
  const caller = new AbortController();
  const given = ask(caller.signal);
  const other = ask();
  await turn();
  caller.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  open[0]!();
  expect(await other).toBe(1);
});
