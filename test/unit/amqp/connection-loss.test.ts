import { describe, expect, it } from 'vitest';
import { UnusableFileError } from '../../../src/settings/broker-tls-and-credentials.js';
import { causeOfLoss, classifyLoss } from '../../../src/amqp/connection-loss.js';

describe('the loss of a session', () => {
  it.each([
    [
      'Handshake terminated by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - Login was refused"',
      /credentials in AMQP_URL/,
    ],
    [
      `Operation failed: ExchangeDeclare; 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - access to exchange 'x' refused"`,
      /user lacks a permission; docs\/security.md/,
    ],
    [
      'Handshake terminated by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - Login was refused using authentication mechanism EXTERNAL. For details see the broker logfile."',
      /login by the certificate in AMQP_TLS_CERT_FILE: it has no user of that name/,
    ],
    ['SASL mechanism EXTERNAL is not provided by the server', /takes no login by certificate/],
    ['SASL mechanism PLAIN is not provided by the server', /takes no password/],
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
    ['self-signed certificate in certificate chain', /signed by none whom we trust \(AMQP_TLS_CA_FILE\)/],
    ['unable to verify the first certificate', /signed by none whom we trust/],
    ['unable to get local issuer certificate', /signed by none whom we trust/],
    ['certificate has expired', /^the certificate of the broker is out of its time/],
    ['certificate is not yet valid', /^the certificate of the broker is out of its time/],
    [
      "Hostname/IP does not match certificate's altnames: Host: broker. is not in the cert's altnames: DNS:other",
      /made out for another host than that in AMQP_URL/,
    ],
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

  it.each([
    ['tlsv13 alert certificate required', /demands a client certificate \(AMQP_TLS_CERT_FILE\)/],
    ['sslv3 alert handshake failure', /demands a client certificate/],
    ['sslv3 alert certificate expired', /refused the certificate in AMQP_TLS_CERT_FILE: its time is over/],
    ['sslv3 alert bad certificate', /refused the certificate in AMQP_TLS_CERT_FILE/],
    ['sslv3 alert certificate revoked', /refused the certificate in AMQP_TLS_CERT_FILE/],
    ['tlsv1 alert unknown ca', /refused the certificate in AMQP_TLS_CERT_FILE/],
    ['tlsv1 alert protocol version', /TLS to the broker failed/],
  ])(
    "by the broker's alert `%s` is for a person to mend, and told without OpenSSL's source code",
    (alert, reason) => {
      const text = `80FC:error:0A000418:SSL routines:ssl3_read_bytes:${alert}:../deps/ssl/record/rec_layer_s3.c:1601:SSL alert number 48\n`;
      const loss = classifyLoss(new Error(text));
      expect(loss.kind).toBe('misconfigured');
      expect(loss.reason).toMatch(reason);
      expect(loss.reason).toContain(`(${alert})`);
      expect(loss.reason).not.toContain('deps');
    },
  );

  it.each([
    ['an exchange declared', [40, 10], "exchange 'son-kernel'", 'configure'],
    ['a queue declared', [50, 10], "queue 'q'", 'configure'],
    ['a binding of the queue', [50, 20], "queue 'q'", 'write'],
    ['a binding to the exchange', [50, 20], "exchange 'son-kernel'", 'read'],
    ['a binding to a topic', [50, 20], "topic 'x' in exchange 'son-kernel'", 'read'],
    ['consuming', [60, 20], "queue 'q'", 'read'],
    ['taking a message', [60, 70], "queue 'q'", 'read'],
    ['a publish', [60, 40], "exchange 'son-kernel'", 'write'],
  ] as const)('by %s that is refused names the permission', (_, [classId, methodId], object, permission) => {
    const text = `Channel closed by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - access to ${object} in vhost '/' refused for user 'u'"`;
    const loss = classifyLoss(Object.assign(new Error(text), { code: 403, classId, methodId }));
    expect(loss).toEqual({
      kind: 'misconfigured',
      reason: `the broker's user lacks a permission; docs/security.md lists those that it needs: here ${permission} (${text})`,
    });
  });

  it('of a file that cannot be used is for a person to mend, in our words alone', () => {
    const text = 'AMQP_TLS_KEY_FILE: the file cannot be read (ENOENT)';
    expect(classifyLoss(new UnusableFileError(text))).toEqual({ kind: 'misconfigured', reason: text });
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

describe('the cause of a loss, for metrics,', () => {
  it.each([
    ['outage', 'connect ECONNREFUSED 127.0.0.1:5672'],
    ['outage', 'Heartbeat timeout'],
    ['no-answer', 'the broker did not answer within 15000 ms'],
    ['broker-error', 'Connection closed: 541 (INTERNAL-ERROR) with message "INTERNAL_ERROR"'],
    ['login', 'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN'],
    ['login', "NOT_ALLOWED - vhost 'x' not found"],
    ['permission', "ACCESS_REFUSED - access to exchange 'x' refused"],
    ['exchange', "PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'x' in vhost '/'"],
    ['queue', "PRECONDITION_FAILED - inequivalent arg 'x-expires' for queue 'x'"],
    ['settings', 'getaddrinfo ENOTFOUND broker'],
    ['settings', 'certificate has expired'],
  ])('is %s for: %s', (cause, text) => {
    expect(causeOfLoss(new Error(text))).toBe(cause);
  });
});
