/** TLS errors, with whose certificate is wrong and which setting names it. */

/** Who is at the other end, and the settings that are about it. */
export interface TlsPeer {
  /** As the subject of a sentence. */
  name: string;
  /** Where it is. */
  address: string;
  /** Whom we trust. */
  ca: string;
  /** What we show. */
  cert: string;
}

interface Diagnosis {
  pattern: RegExp;
  reason: (peer: TlsPeer) => string;
}

/** The texts of OpenSSL, and of rustls, which Temporal's core uses. The first match counts. */
const DIAGNOSES: readonly Diagnosis[] = [
  // Alerts, which the peer sends us.
  {
    pattern: /alert certificate required|alert handshake failure|alert: CertificateRequired/i,
    reason: ({ name, cert }) =>
      `${name} demands a client certificate (${cert}), or a version of TLS that we do not speak`,
  },
  {
    pattern: /alert certificate expired|alert: CertificateExpired/i,
    reason: ({ name, cert }) => `${name} refused the certificate in ${cert}: its time is over`,
  },
  {
    pattern: /alert:? ?(unknown ?ca|.*certificate)/i,
    reason: ({ name, cert }) => `${name} refused the certificate in ${cert}`,
  },
  // What we have against the peer.
  {
    pattern:
      /self.signed certificate|unable to (verify the first|get (local )?issuer) certificate|UnknownIssuer/i,
    reason: ({ name, ca }) => `the certificate of ${name} is signed by none whom we trust (${ca})`,
  },
  {
    pattern:
      /certificate has expired|certificate is not yet valid|InvalidCertificate\((Expired|NotValidYet)/i,
    reason: ({ name }) => `the certificate of ${name} is out of its time`,
  },
  {
    pattern: /does not match certificate's altnames|NotValidForName/i,
    reason: ({ name, address }) =>
      `the certificate of ${name} is made out for another host than that in ${address}`,
  },
  {
    pattern: /wrong version number|InvalidContentType/i,
    reason: ({ name, address }) => `TLS to ${name} failed: nothing speaks it at the port in ${address}`,
  },
  {
    pattern: /certificate|EPROTO|SSL routines|(ssl|tls)v\d+ alert/i,
    reason: ({ name }) => `TLS to ${name} failed`,
  },
];

/** Null if it is not about TLS. */
export function tlsProblem(text: string, peer: TlsPeer): string | null {
  return DIAGNOSES.find(({ pattern }) => pattern.test(text))?.reason(peer) ?? null;
}

/** OpenSSL's errors come with a line of its source code. */
export function withoutSource(text: string): string {
  const [, told = text] = /SSL routines:[^:]*:([^:]+):/.exec(text) ?? [];
  return told.trim();
}
