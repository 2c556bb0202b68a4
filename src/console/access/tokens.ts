/**
 * The text of a tokens file → whom each token stands for.
 *
 *   # name:role:SHA-256 of the token, in hexadecimal (vnf-migrator console token)
 *   alice:operator:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
 *
 * Invariants: a file is taken whole or refused whole, every wrong line named by its number; a problem repeats nothing of
 * the file, because a token may have been written where its hash belongs. A token has 256 random bits, so that a plain
 * hash cannot be turned back; it is compared in constant time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role } from './caller.js';
import { ROLES } from './caller.js';

export interface TokenHolder {
  readonly name: string;
  readonly role: Role;
  readonly hash: Buffer;
}

export type ParsedTokens =
  { kind: 'tokens'; holders: readonly TokenHolder[] } | { kind: 'wrong'; problems: readonly string[] };

/** A name stands in logs and audit trails, on one line. */
const LINE = /^([^\s:\p{Cc}](?:[^:\p{Cc}]{0,198}[^\s:\p{Cc}])?):([a-z]+):([0-9a-f]{64})$/u;
const HOW = `expected name:role:hash, the role ${ROLES.join(' or ')}, the hash as \`vnf-migrator console token\` prints it`;
const TOKEN_BYTES = 32;
const PREFIX = 'vnfc_';

export function parseTokens(text: string): ParsedTokens {
  const holders: TokenHolder[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const written = line.trim();
    if (written === '' || written.startsWith('#')) continue;
    const holder = holderOn(written);
    if (holder === null) problems.push(`line ${index + 1}: ${HOW}`);
    else if (holders.some(({ name }) => name === holder.name))
      problems.push(`line ${index + 1}: this name again`);
    else holders.push(holder);
  }
  if (problems.length === 0 && holders.length === 0)
    problems.push(`there is no token in it: ${HOW}, a line each`);
  return problems.length > 0 ? { kind: 'wrong', problems } : { kind: 'tokens', holders };
}

function holderOn(line: string): TokenHolder | null {
  const [, name, role, hash] = LINE.exec(line) ?? [];
  const known = ROLES.find((each) => each === role);
  if (name === undefined || hash === undefined || known === undefined) return null;
  return { name, role: known, hash: Buffer.from(hash, 'hex') };
}

/** Whom a token stands for; every line is compared, so that the time tells nothing. */
export function holderOf(token: string, holders: readonly TokenHolder[]): TokenHolder | null {
  const hash = hashOf(token);
  const found = holders.filter((holder) => timingSafeEqual(holder.hash, hash));
  return found.at(0) ?? null;
}

/** A new token, and the line of the tokens file that lets it in. */
export function newToken(holder: { name: string; role: Role }): { token: string; line: string } {
  const token = `${PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  return { token, line: `${holder.name}:${holder.role}:${hashOf(token).toString('hex')}` };
}

/** What is wrong with a name in a tokens file; null: nothing. */
export function tokenNameProblem(name: string): string | null {
  const isRight = LINE.test(`${name}:viewer:${'0'.repeat(64)}`) && !name.startsWith('#');
  return isRight ? null : 'expected 1 to 200 printable characters without ":", not "#" first';
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
