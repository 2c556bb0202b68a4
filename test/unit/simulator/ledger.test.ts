import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger, readLedger } from '../../../src/simulator/ledger.js';

describe('a ledger file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    file = join(folder, 'ledger.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('holds an entry as soon as it is added', () => {
    const ledger = new Ledger({ file, nowMs: () => 7 });
    ledger.add({ type: 'start', seed: 'a' });
    expect(readLedger(file)).toEqual([{ atMs: 7, type: 'start', seed: 'a' }]);
  });

  it('is gone on with, a line that was cut off apart', () => {
    new Ledger({ file, nowMs: () => 1 }).add({ type: 'start', seed: 'a' });
    appendFileSync(file, '{"atMs":2,"type":"requ');
    expect(readLedger(file)).toHaveLength(1);
    const again = new Ledger({ file, nowMs: () => 3 });
    again.add({ type: 'start', seed: 'b' });
    expect(readLedger(file).map((entry) => entry.atMs)).toEqual([1, 3]);
    expect(again.entries()).toEqual(readLedger(file));
    expect(readFileSync(file, 'utf8')).not.toContain('requ');
  });

  it('goes on counting requests', () => {
    const facts = {
      correlationId: null,
      appId: null,
      replyTo: null,
      serviceInstanceUuid: 1,
      vnfUuid: 1,
      vimUuid: 1,
    };
    const ledger = new Ledger({ file, nowMs: () => 1 });
    ledger.add({ type: 'request', requestNumber: ledger.nextRequestNumber(), kind: 'ping', ...facts });
    expect(new Ledger({ file, nowMs: () => 1 }).nextRequestNumber()).toBe(2);
  });
});
