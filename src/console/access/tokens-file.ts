/**
 * The tokens file on the disk, read again when it has changed: a token that is taken away lets nobody in any more, without
 * a restart.
 *
 * Invariant: a file that has become wrong changes nothing and is logged; at start it ends the process.
 */
import { readFileSync, statSync } from 'node:fs';
import type { Logger } from '../../observability/logger.js';
import { ConfigError } from '../../settings/config.js';
import { parseTokens, type ParsedTokens, type TokenHolder } from './tokens.js';

/** For so long the disk is not asked again. */
const LOOK_AGAIN_MS = 1_000;

export class TokensFile {
  private tokens: readonly TokenHolder[] = [];
  private readAs = '';
  private lookedAtMs = 0;

  /** @throws ConfigError if it cannot be read, or is wrong */
  constructor(
    private readonly path: string,
    private readonly log: Logger,
  ) {
    this.readAs = stampOf(path);
    const parsed = readTokens(path);
    if (parsed.kind === 'wrong')
      throw new ConfigError(parsed.problems.map((each) => `CONSOLE_TOKENS_FILE: ${each}`));
    this.tokens = parsed.holders;
  }

  holders(): readonly TokenHolder[] {
    const nowMs = Date.now();
    if (nowMs - this.lookedAtMs < LOOK_AGAIN_MS) return this.tokens;
    this.lookedAtMs = nowMs;
    const stamp = stampOf(this.path);
    if (stamp !== this.readAs) this.readAgain(stamp);
    return this.tokens;
  }

  private readAgain(stamp: string): void {
    this.readAs = stamp;
    const parsed = readTokens(this.path);
    if (parsed.kind === 'wrong') {
      this.log.error({ problems: parsed.problems }, 'kept the tokens as they were: the tokens file is wrong');
      return;
    }
    this.tokens = parsed.holders;
    this.log.info({ tokens: parsed.holders.length }, 'read the tokens file again');
  }
}

/** A problem does not repeat the path: a user may have set a token in its place by mistake. */
function readTokens(path: string): ParsedTokens {
  try {
    return parseTokens(readFileSync(path, 'utf8'));
  } catch (error) {
    return { kind: 'wrong', problems: [`the file cannot be read: ${reasonOf(error)}`] };
  }
}

/** Never throws: it is asked for each request, and by timers. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it is no file';
}
