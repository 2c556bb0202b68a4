/**
 * Certificates and keys in PEM, looked at before they are used.
 *
 * Invariant: a problem states what is wrong, and never repeats the value; a key may have been put in the place of
 * anything.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

/** PEM; null: not given. */
export interface TlsMaterial {
  /** Those whose signature is trusted. */
  ca: Uint8Array | null;
  /** With the chain up to a trusted one, where there is a chain. */
  cert: Uint8Array | null;
  key: Uint8Array | null;
}

/** What each of them is called in the settings. */
export type MaterialNames = Readonly<Record<keyof TlsMaterial, string>>;

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g;
/** In either of the two forms. */
const ENCRYPTED = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/;

/** What would keep a connection from being made with them. */
export function materialProblems({ ca, cert, key }: TlsMaterial, names: MaterialNames): string[] {
  const problems: string[] = [];
  if (ca !== null && certificatesIn(ca) === null) problems.push(`${names.ca}: ${NO_CERTIFICATE}`);
  const certificates = cert === null ? [] : certificatesIn(cert);
  if (certificates === null) problems.push(`${names.cert}: ${NO_CERTIFICATE}`);
  const privateKey = key === null ? null : keyIn(key);
  if (typeof privateKey === 'string') problems.push(`${names.key}: ${privateKey}`);
  if ((cert === null) !== (key === null)) {
    const [missing, given] = cert === null ? [names.cert, names.key] : [names.key, names.cert];
    problems.push(`${missing}: needed together with ${given}`);
  }
  const own = certificates?.[0];
  if (own !== undefined && privateKey !== null && typeof privateKey !== 'string') {
    if (!own.checkPrivateKey(privateKey))
      problems.push(`${names.key}: it is not the key of the certificate in ${names.cert}`);
  }
  return problems;
}

const NO_CERTIFICATE = 'expected certificates in PEM';

/** Null if there is none, or one that cannot be read: TLS would leave it out without a word. */
function certificatesIn(pem: Uint8Array): X509Certificate[] | null {
  const blocks = Buffer.from(pem).toString('latin1').match(CERTIFICATE) ?? [];
  try {
    return blocks.length === 0 ? null : blocks.map((block) => new X509Certificate(block));
  } catch {
    return null;
  }
}

/** The key, or what is wrong with it. */
function keyIn(pem: Uint8Array): KeyObject | string {
  try {
    return createPrivateKey(Buffer.from(pem));
  } catch {
    return ENCRYPTED.test(Buffer.from(pem).toString('latin1'))
      ? 'the key is encrypted: expected one without a passphrase'
      : 'expected a private key in PEM';
  }
}
