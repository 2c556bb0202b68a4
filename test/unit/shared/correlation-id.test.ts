import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  correlationIdBytes,
  makeCorrelationId,
  parseCorrelationId,
} from '../../../src/shared/correlation-id.js';

/** Any text, colons, percent signs, NUL and characters of four bytes included. */
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({ unit: fc.constantFrom(':', '%', '%3A', 'a', 'ü', '€', '😀', '\0', '/'), minLength: 1 }),
);
const nonce = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter((value) => !value.includes(':'));

describe('a correlation id', () => {
  it('tells its parts again, whatever they are', () => {
    fc.assert(
      fc.property(fc.record({ deployment: text, workflowId: text, nonce }), (parts) => {
        expect(parseCorrelationId(makeCorrelationId(parts))).toEqual(parts);
      }),
      { numRuns: 2_000 },
    );
  });

  it('looks as the contract says', () => {
    const parts = { deployment: 'a b:c', workflowId: 'vnf-migration/x:y', nonce: 'n1' };
    expect(makeCorrelationId(parts)).toBe('vnfm:a%20b%3Ac:vnf-migration/x:y:n1');
  });

  it('of two deployments is never the same', () => {
    fc.assert(
      fc.property(text, text, text, (one, other, workflowId) => {
        fc.pre(one !== other);
        const id = makeCorrelationId({ deployment: one, workflowId, nonce: 'n' });
        expect(parseCorrelationId(id)?.deployment).not.toBe(other);
      }),
    );
  });

  it('counts as many bytes as it has on the wire', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
        (id) => {
          expect(correlationIdBytes(id)).toBe(Buffer.byteLength(id));
        },
      ),
      { numRuns: 2_000 },
    );
    expect(correlationIdBytes('aü€😀\ud800')).toBe(1 + 2 + 3 + 4 + 3);
  });

  it.each([
    ['empty', ''],
    ["another requester's", '5a3c9d1e-0000-4000-8000-000000000000'],
    ['only the prefix', 'vnfm:'],
    ['without a workflow id', 'vnfm:default:nonce'],
    ['with an empty workflow id', 'vnfm:default::nonce'],
    ['with an empty deployment', 'vnfm::workflow:nonce'],
    ['with an empty nonce', 'vnfm:default:workflow:'],
    ['of a broken encoding', 'vnfm:%zz:workflow:nonce'],
    ['of a cut encoding', 'vnfm:%E2%82:workflow:nonce'],
    ['in capitals', 'VNFM:default:workflow:nonce'],
    ['with something before it', ' vnfm:default:workflow:nonce'],
  ])('%s is not ours', (_, id) => {
    expect(parseCorrelationId(id)).toBeNull();
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(text, (id) => {
        parseCorrelationId(id);
        parseCorrelationId(`vnfm:${id}`);
      }),
    );
  });
});
