/** What is asked of others once for all who ask the same. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SharedAnswers } from '../../../src/console/shared-answers.js';

const VALID_MS = 1_000;
let answers: SharedAnswers<number>;
let asked: number;
let answerAfterMs: number;

beforeEach(() => {
  vi.useFakeTimers();
  answers = new SharedAnswers(VALID_MS);
  [asked, answerAfterMs] = [0, 0];
});

afterEach(() => {
  vi.useRealTimers();
});

const get = (key = 'all') =>
  answers.get(key, async () => {
    const nth = ++asked;
    await new Promise((resolve) => setTimeout(resolve, answerAfterMs));
    return nth;
  });

it('is asked once at a time, however long the answer takes', async () => {
  answerAfterMs = 20_000;
  const first = get();
  await vi.advanceTimersByTimeAsync(10_000);
  const second = get();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await Promise.all([first, second])).toEqual([1, 1]);
});

it('is asked again when the time of the answer is over, or it was forgotten', async () => {
  await Promise.all([get(), vi.advanceTimersByTimeAsync(0)]);
  expect(await get()).toBe(1);
  await vi.advanceTimersByTimeAsync(VALID_MS);
  const second = get();
  await vi.advanceTimersByTimeAsync(0);
  expect(await second).toBe(2);
  answers.forget();
  const third = get();
  await vi.advanceTimersByTimeAsync(0);
  expect(await third).toBe(3);
});

it('keeps no failure, and fails all who asked', async () => {
  const failing = () => answers.get('all', () => Promise.reject(new Error('away')));
  expect(await Promise.allSettled([failing(), failing()])).toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ]);
  const next = get();
  await vi.advanceTimersByTimeAsync(0);
  expect(await next).toBe(1);
});
