/** Which requests come from pages of the console itself. */
import { describe, expect, it } from 'vitest';
import { isLoopbackHost, isSameOrigin } from '../../../../src/console/access/origin.js';

describe('a request', () => {
  it.each([
    [{ host: 'ops.example', origin: 'https://ops.example' }, true],
    [{ host: 'ops.example:8088', origin: 'http://ops.example:8088' }, true],
    [{ host: 'ops.example' }, true],
    [{ host: 'ops.example', 'sec-fetch-site': 'same-origin' }, true],
    [{ host: 'ops.example', origin: 'https://evil.example' }, false],
    [{ host: 'ops.example', origin: 'https://ops.example.evil.example' }, false],
    [{ host: 'ops.example', origin: 'https://ops.example:444' }, false],
    [{ host: 'ops.example', origin: 'null' }, false],
    [{ host: 'ops.example', origin: 'data:,x' }, false],
    [{ host: '', origin: 'data:,x' }, false],
    [{ host: 'ops.example', origin: 'http://ops.example', 'sec-fetch-site': 'cross-site' }, false],
    [{ host: 'ops.example', 'sec-fetch-site': 'cross-site' }, false],
    [{ host: 'ops.example', 'sec-fetch-site': 'same-site' }, false],
  ])('with %j is of our own page: %s', (headers, expected) => {
    expect(isSameOrigin(headers)).toBe(expected);
  });

  it.each([
    ['127.0.0.1:8088', true],
    ['localhost:8088', true],
    ['[::1]:8088', true],
    ['rebound.evil.example:8088', false],
    ['127.0.0.1.evil.example', false],
    ['', false],
    [undefined, false],
    ['a b', false],
  ])('with the host %j is for this machine alone: %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});
