/**
 * The durable record of what the simulated MANO was asked to do, what it replied and what it changed. Tests compare
 * the outcome of migrations with it.
 *
 * Invariants: an entry is in the file before its effect leaves the process, so that it survives kill -9. Entries
 * never change. The record changes of a ledger, applied in order, produce the world.
 */
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import type { ErrorValue, ReplyBody, ReplyTopic, RequestKind } from './messages.js';
import type { Rule } from './rules.js';
import type { WorldChange } from './world.js';

export const DECISIONS = ['accepted', 'rejected', 'silence', 'lost'] as const;
/**
 * accepted: a move has begun · rejected: the reply was an ERROR · silence: no reply, as the real one · lost: lost
 * by a rule.
 */
export type Decision = (typeof DECISIONS)[number];

/** not-connected: there was no broker connection for the reply. */
export type ReplyFate = 'published' | 'lost-by-rule' | 'not-connected';

export interface RequestFacts {
  /** Numbers the requests of one ledger. */
  requestNumber: number;
  kind: RequestKind;
  correlationId: string | null;
  appId: string | null;
  replyTo: string | null;
  serviceInstanceUuid: unknown;
  vnfUuid: unknown;
  vimUuid: unknown;
}

export type LedgerEvent =
  | { type: 'start'; seed: string }
  /** The request was consumed from the queue, and is not handled yet. */
  | ({ type: 'request' } & RequestFacts)
  | ({ type: 'decision'; decision: Decision; error: ErrorValue | null } & RequestFacts)
  | {
      type: 'reply';
      fate: ReplyFate;
      topic: ReplyTopic;
      correlationId: string | null;
      status: ReplyBody['status'];
      error: ErrorValue | null;
      isFinal: boolean;
      serviceInstanceUuid: unknown;
      vnfUuid: unknown;
      newVnfUuid: string | null;
    }
  /** `correlationId` belongs to the migration that made the change. It is null if a person made it. */
  | { type: 'record'; correlationId: string | null; change: WorldChange }
  | { type: 'lock'; serviceInstanceUuid: string; isLocked: boolean; correlationId: string | null }
  /** A query for the list of VIMs, whoever asked. */
  | { type: 'vim-list'; correlationId: string | null; appId: string | null }
  | { type: 'rule'; rule: Rule }
  | {
      type: 'control';
      action: 'restart' | 'disconnect' | 'reconnect' | 'repository' | 'rules-cleared';
      detail: string | null;
    };

export type LedgerEntry = { atMs: number } & LedgerEvent;
export type EntryOf<Type extends LedgerEvent['type']> = Extract<LedgerEntry, { type: Type }>;

export class Ledger {
  readonly #file: string | undefined;
  readonly #nowMs: () => number;
  readonly #entries: LedgerEntry[];
  #requests: number;

  /** Continues the ledger in the file. */
  constructor({ file, nowMs }: { file?: string | undefined; nowMs: () => number }) {
    this.#file = file;
    this.#nowMs = nowMs;
    this.#entries = file === undefined ? [] : recoverLedger(file);
    this.#requests = this.#entries.filter((entry) => entry.type === 'request').length;
  }

  entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  nextRequestNumber(): number {
    this.#requests += 1;
    return this.#requests;
  }

  add(event: LedgerEvent): void {
    const entry: LedgerEntry = { atMs: this.#nowMs(), ...event };
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
    this.#entries.push(entry);
  }
}

/** The entries of a ledger file. An incomplete last line of a killed process is ignored. */
export function readLedger(file: string): LedgerEntry[] {
  return completeLines(readFileSync(file, 'utf8')).map((line) => JSON.parse(line) as LedgerEntry);
}

function completeLines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

function recoverLedger(file: string): LedgerEntry[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  // The next entry must begin on a new line.
  truncateSync(file, bytes.lastIndexOf('\n') + 1);
  return readLedger(file);
}

export function entriesOf<Type extends LedgerEvent['type']>(
  entries: readonly LedgerEntry[],
  type: Type,
): EntryOf<Type>[] {
  return entries.filter((entry): entry is EntryOf<Type> => entry.type === type);
}
