import { expect, it } from 'vitest';
import { FirstReplies } from '../../../src/listener/first-replies.js';

const reply = (correlationId: string) => ({ correlationId, isRedelivered: false });

it('the second first reply to a request is told, and none to another request', () => {
  const replies = new FirstReplies();
  expect([reply('a'), reply('b'), reply('a'), reply('c')].map((one) => replies.isSecond(one))).toEqual([
    false,
    false,
    true,
    false,
  ]);
});

it('a reply that the broker delivers again is no second one', () => {
  const replies = new FirstReplies();
  expect(replies.isSecond(reply('a'))).toBe(false);
  expect(replies.isSecond({ ...reply('a'), isRedelivered: true })).toBe(false);
});

it('what is remembered has a bound, the oldest is forgotten first', () => {
  const replies = new FirstReplies();
  for (let index = 0; index <= 10_000; index += 1) replies.isSecond(reply(String(index)));
  expect(replies.isSecond(reply('0'))).toBe(false);
  expect(replies.isSecond(reply('9999'))).toBe(true);
});
