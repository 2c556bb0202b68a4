/**
 * A TLS front for a Temporal whose own port is plain. It terminates TLS as an ingress does, and forwards each call.
 *
 * Invariant: it forwards bytes and headers. All that it knows of gRPC is that a call ends with trailers.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import {
  connect,
  constants,
  createSecureServer,
  type ClientHttp2Session,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { Certificate } from './certificates.js';

export interface TemporalTlsOptions {
  /** `host:port` of the plain server. */
  target: string;
  server: Certificate;
  /**
   * The file of the authority that must have signed the client's certificate. Null means that no certificate is
   * requested.
   */
  clientAuthority: string | null;
  /** Calls with another key are refused. Null means that the key is not checked. */
  apiKey?: string | null;
  /** The name of a call, such as QueryWorkflow, that it answers itself as a server that is about to restart. */
  unavailable?: string | null;
}

/** One call that arrived. */
export interface SeenCall {
  /** For example GetSystemInfo. */
  method: string;
  /** The client that made the call: ours, or the core of the worker. */
  client: 'node' | 'core';
  authorization: string | null;
  namespace: string | null;
  /** The common name in the client's certificate. */
  certificate: string | null;
}

/** The answer of a gRPC server that refuses a call. */
const UNAUTHENTICATED = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-status': '16',
  'grpc-message': 'Request unauthorized.',
};

const UNAVAILABLE = {
  ...UNAUTHENTICATED,
  'grpc-status': '14',
  'grpc-message': 'The server is about to restart.',
};

export class TemporalTls {
  readonly calls: SeenCall[] = [];
  private readonly sessions = new Set<ServerHttp2Session>();

  private constructor(
    private readonly server: Http2SecureServer,
    private readonly behind: ClientHttp2Session,
    private readonly apiKey: string | null,
    private readonly unavailable: string | null,
  ) {
    // TLS itself reports the refusal to the client.
    for (const ignored of ['tlsClientError', 'sessionError']) server.on(ignored, () => undefined);
    server.on('session', (session) => this.sessions.add(session));
    server.on('stream', (stream, headers) => {
      this.calls.push(seenCall(stream, headers));
      const refusal = this.refusal(headers);
      if (refusal === null) this.pass(stream, headers);
      else stream.respond({ ...refusal }, { endStream: true });
    });
  }

  static async open({
    target,
    server,
    clientAuthority,
    apiKey = null,
    unavailable = null,
  }: TemporalTlsOptions): Promise<TemporalTls> {
    const [cert, key] = await Promise.all([readFile(server.cert), readFile(server.key)]);
    const demand =
      clientAuthority === null
        ? {}
        : { requestCert: true, rejectUnauthorized: true, ca: await readFile(clientAuthority) };
    const secure = createSecureServer({ cert, key, ...demand });
    const front = new TemporalTls(secure, connect(`http://${target}`), apiKey, unavailable);
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    return front;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The address by host name, because certificates name the host. */
  get address(): string {
    return `localhost:${this.port}`;
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    this.behind.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private refusal(headers: IncomingHttpHeaders): OutgoingHttpHeaders | null {
    if (this.apiKey !== null && headers.authorization !== `Bearer ${this.apiKey}`) return UNAUTHENTICATED;
    return methodOf(headers) === this.unavailable ? UNAVAILABLE : null;
  }

  private pass(stream: ServerHttp2Stream, { ...headers }: IncomingHttpHeaders): void {
    const call = this.behind.request(headers);
    const trailers = new Promise<IncomingHttpHeaders>((resolve) => call.once('trailers', resolve));
    call.once('response', (answer, flags) => {
      if (stream.destroyed) return;
      // A call that fails immediately has only trailers, which are then its headers.
      const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(answer, endStream ? { endStream } : { waitForTrailers: true });
      if (!endStream) call.pipe(stream);
    });
    stream.once('wantTrailers', () => void trailers.then((last) => stream.sendTrailers(last)));
    stream.pipe(call);
    stream.on('error', () => undefined);
    call.on('error', () => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    stream.once('close', () => call.close(constants.NGHTTP2_CANCEL));
  }
}

function methodOf(headers: IncomingHttpHeaders): string {
  return (headers[':path'] ?? '').replace(/^.*\//, '');
}

function seenCall(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): SeenCall {
  const socket = stream.session?.socket as TLSSocket | undefined;
  // The object is empty if the client has sent no certificate.
  const shown: Partial<PeerCertificate> | undefined = socket?.getPeerCertificate();
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    method: methodOf(headers),
    client: headers['user-agent']?.includes('grpc-node') === true ? 'node' : 'core',
    authorization: text(headers.authorization),
    namespace: text(headers['temporal-namespace']),
    certificate: text(shown?.subject?.CN),
  };
}
