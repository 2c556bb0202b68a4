/** The list of VIMs that a worker keeps: shared by all who ask, and asked for no more often than it must be. */
import { describe, expect, it } from 'vitest';
import type { VimListAnswer } from '../../../src/shared/vim/answer.js';
import type { Vim } from '../../../src/shared/vim/vim.js';
import { VimDirectory } from '../../../src/vims/directory.js';

const MINUTE_MS = 60_000;

function listed(...uuids: string[]): VimListAnswer {
  const vims = uuids.map((uuid): Vim => ({
    uuid,
    name: null,
    city: null,
    type: null,
    cores: null,
    memoryMb: null,
  }));
  return { kind: 'listed', vims };
}
const SILENCE: VimListAnswer = { kind: 'unavailable', reason: 'silence' };

/** A directory whose queries wait until they are answered, and whose clock is set by hand. */
function setUp() {
  const clock = { nowMs: 1_000_000 };
  const queries: ((answer: VimListAnswer) => void)[] = [];
  const directory = new VimDirectory({
    query: () => new Promise((resolve) => queries.push(resolve)),
    nowMs: () => clock.nowMs,
  });
  const answer = async (given: VimListAnswer): Promise<void> => {
    queries.at(-1)?.(given);
    await new Promise(setImmediate);
  };
  const known = async (...uuids: string[]): Promise<string[] | string> => {
    const reading = await directory.listFor(uuids);
    return reading.kind === 'listed' ? [...reading.vims.keys()] : reading.reason;
  };
  return { clock, queries, directory, answer, known };
}

describe('the list of VIMs', () => {
  it('is queried once for a hundred who ask at once', async () => {
    const { queries, answer, known } = setUp();
    const asked = Array.from({ length: 100 }, () => known('a'));
    await answer(listed('a'));
    expect(await Promise.all(asked)).toEqual(asked.map(() => ['a']));
    expect(queries).toHaveLength(1);
  });

  it('is there for the first who asks, once the worker has started', async () => {
    const { queries, directory, answer, known } = setUp();
    directory.start();
    await answer(listed('a'));
    expect(await known('a')).toEqual(['a']);
    expect(queries).toHaveLength(1);
  });

  it('tells of a VIM for an hour without a wait, and is renewed behind it once a minute', async () => {
    const { clock, queries, directory, answer, known } = setUp();
    directory.start();
    await answer(listed('a'));
    clock.nowMs += 59 * MINUTE_MS;
    expect(await known('a')).toEqual(['a']);
    expect(await known('a')).toEqual(['a']);
    expect(queries).toHaveLength(2);
    await answer(listed('a', 'b'));
    expect(await known('b')).toEqual(['a', 'b']);
    expect(queries).toHaveLength(2);
  });

  it('is queried again for a VIM that is not on it', async () => {
    const { queries, directory, answer, known } = setUp();
    directory.start();
    await answer(listed('a'));
    const asked = known('b');
    expect(queries).toHaveLength(2);
    await answer(listed('a', 'b'));
    expect(await asked).toEqual(['a', 'b']);
  });

  it('is queried again after an hour', async () => {
    const { clock, queries, directory, answer, known } = setUp();
    directory.start();
    await answer(listed('a'));
    clock.nowMs += 60 * MINUTE_MS + 1;
    const asked = known('a');
    expect(queries).toHaveLength(2);
    await answer(listed());
    expect(await asked).toEqual([]);
  });

  it('is as young as somebody wants it', async () => {
    const { clock, queries, directory, answer } = setUp();
    directory.start();
    await answer(listed('a'));
    clock.nowMs += MINUTE_MS + 1;
    void directory.listFor(['a'], { maxAgeMs: MINUTE_MS });
    expect(queries).toHaveLength(2);
  });
});

describe('that there is no list', () => {
  it('is known for five minutes', async () => {
    const { clock, queries, directory, answer, known } = setUp();
    directory.start();
    await answer(SILENCE);
    expect(await known('a')).toBe('silence');
    clock.nowMs += MINUTE_MS;
    expect(await known('a')).toBe('silence');
    expect(queries).toHaveLength(1);
    clock.nowMs += 4 * MINUTE_MS + 1;
    const asked = known('a');
    await answer(listed('a'));
    expect(await asked).toEqual(['a']);
  });

  it('is looked at again in the background while somebody asks', async () => {
    const { clock, queries, directory, answer, known } = setUp();
    directory.start();
    await answer(SILENCE);
    clock.nowMs += 2 * MINUTE_MS;
    expect(await known('a')).toBe('silence');
    expect(queries).toHaveLength(2);
    await answer(listed('a'));
    expect(await known('a')).toEqual(['a']);
  });

  it('does not unlist what the last hour has listed', async () => {
    const { clock, directory, answer, known } = setUp();
    directory.start();
    await answer(listed('a'));
    clock.nowMs += 2 * MINUTE_MS;
    expect(await known('a')).toEqual(['a']);
    await answer(SILENCE);
    expect(await known('a')).toEqual(['a']);
    expect(await known('b')).toBe('silence');
  });
});
