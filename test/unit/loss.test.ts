import { describe, expect, it } from 'vitest';
import { classifyLoss } from '../../src/amqp/loss.js';

describe('the loss of a session', () => {
  it.each([
    [
      'Handshake terminated by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - Login was refused"',
      /credentials in AMQP_URL/,
    ],
    [
      `Operation failed: ExchangeDeclare; 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - access to exchange 'x' refused"`,
      /permissions of that user/,
    ],
    ['Expected ConnectionOpenOk; got <ConnectionClose channel:0>', /virtual host in AMQP_URL/],
    ["NOT_ALLOWED - vhost 'x' not found", /virtual host in AMQP_URL/],
    [
      `406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'queues' in vhost '/'`,
      /AMQP_EXCHANGE/,
    ],
    [
      `406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - inequivalent arg 'x-expires' for queue 'vnf-migrator.exchange.replies.v1'`,
      /our queue exists with other arguments/,
    ],
    ['getaddrinfo ENOTFOUND broker', /host in AMQP_URL/],
    ['getaddrinfo EAI_AGAIN broker', /host in AMQP_URL/],
    ['self-signed certificate in certificate chain', /TLS/],
    ['error:0A00010B:SSL routines::wrong version number', /TLS/],
  ])('%s is for a person to mend', (text, reason) => {
    const loss = classifyLoss(new Error(text));
    expect(loss.kind).toBe('misconfigured');
    expect(loss.reason).toMatch(reason);
    // What the broker said stands behind it.
    expect(loss.reason).toContain(text);
  });

  it.each([
    'connect ECONNREFUSED 127.0.0.1:5672',
    'connect ETIMEDOUT 10.0.0.1:5672',
    'read ECONNRESET',
    'Heartbeat timeout',
    'Socket closed abruptly during opening handshake',
    `Connection closed: 320 (CONNECTION-FORCED) with message "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"`,
    'PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out',
    'connect ECONNREFUSED 127.0.0.1:5304',
  ])('%s is an outage', (text) => {
    expect(classifyLoss(new Error(text))).toEqual({ kind: 'outage', reason: text });
  });

  it('of a host with several addresses tells what happened to each', () => {
    const error = new AggregateError([
      new Error('connect ECONNREFUSED ::1:1'),
      new Error('connect ECONNREFUSED 127.0.0.1:1'),
    ]);
    expect(classifyLoss(error).reason).toBe(
      'Error: connect ECONNREFUSED ::1:1; Error: connect ECONNREFUSED 127.0.0.1:1',
    );
  });

  it('is told in a line of bounded length', () => {
    expect(classifyLoss(new Error('x'.repeat(10_000))).reason).toHaveLength(500);
  });
});
