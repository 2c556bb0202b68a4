import { status, Metadata } from '@grpc/grpc-js';
import { ServiceError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { temporalProblem } from '../../../src/client/connection-errors.js';

/** As gRPC says that it has no connection. */
function unavailable(last: string): Error {
  return grpcError(status.UNAVAILABLE, `No connection established. Last error: ${last}. Resolution note: `);
}

function grpcError(code: status, details: string): Error {
  const message = `${String(code)} ${status[code]}: ${details}`;
  return Object.assign(new Error(message), { code, details, metadata: new Metadata() });
}

const ALERT =
  '80EC:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../deps/ssl/rec_layer_s3.c:1601:SSL alert number 116\n (2026-11-23T03:24:56.132Z)';

describe('why Temporal cannot be worked with', () => {
  it.each([
    [
      'Error: unable to verify the first certificate',
      'the certificate of Temporal is signed by none whom we trust (TEMPORAL_TLS_SERVER_CA_CERT_PATH) (unable to verify the first certificate)',
    ],
    [
      "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: h. is not in the cert's altnames: DNS:e",
      "the certificate of Temporal is made out for another host than that in TEMPORAL_ADDRESS (Hostname/IP does not match certificate's altnames: Host: h. is not in the cert's altnames: DNS:e)",
    ],
    [
      'Error: certificate has expired',
      'the certificate of Temporal is out of its time (certificate has expired)',
    ],
    [
      ALERT,
      'Temporal demands a client certificate (TEMPORAL_TLS_CLIENT_CERT_PATH), or a version of TLS that we do not speak (tlsv13 alert certificate required)',
    ],
    ['null', 'no connection can be made'],
    [
      'Error: connect ECONNREFUSED 127.0.0.1:1',
      'no connection can be made (connect ECONNREFUSED 127.0.0.1:1)',
    ],
  ])('below gRPC: %s', (last, told) => {
    expect(temporalProblem(unavailable(last))).toBe(told);
  });

  it.each([
    [
      'tonic::transport::Error(Transport, ConnectError(Custom { kind: InvalidData, error: InvalidCertificate(UnknownIssuer) }))',
      /^the certificate of Temporal is signed by none whom we trust/,
    ],
    [
      'tonic::transport::Error(Transport, ConnectError(Custom { error: InvalidCertificate(NotValidForNameContext { expected: DnsName("h") }) }))',
      /^the certificate of Temporal is made out for another host/,
    ],
    ['error: InvalidCertificate(Expired)', /^the certificate of Temporal is out of its time/],
    ['error: "received fatal alert: CertificateRequired"', /^Temporal demands a client certificate/],
    ['error: "received fatal alert: UnknownCA"', /^Temporal refused the certificate/],
    ['error: InvalidMessage(InvalidContentType)', /^TLS to Temporal failed: nothing speaks it/],
  ])("in the words of the worker's core: %s", (text, told) => {
    expect(temporalProblem(new Error(text))).toMatch(told);
  });

  it.each([status.UNAUTHENTICATED, status.PERMISSION_DENIED])('is that it refuses us (%s)', (code) => {
    const cause = grpcError(code, 'Request unauthorized.');
    const told =
      'Temporal refused us (TEMPORAL_API_KEY, TEMPORAL_TLS_CLIENT_CERT_PATH): Request unauthorized.';
    expect(temporalProblem(cause)).toBe(told);
    expect(temporalProblem(new ServiceError('Failed to connect to Temporal server', { cause }))).toBe(told);
  });

  it('is told as it stands where it is something else', () => {
    expect(temporalProblem(new Error('4 DEADLINE_EXCEEDED: Deadline exceeded'))).toBe(
      '4 DEADLINE_EXCEEDED: Deadline exceeded',
    );
  });
});
