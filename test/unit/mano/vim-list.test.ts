/** The adaptor's list of VIMs, decoded from bytes that anybody may have written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeVimList, MAX_VIMS, readVimList } from '../../../src/mano/vim-list.js';

const UUID = '1111aaaa-2222-4333-8444-555566667777';
const ENTRY = `
- vim_uuid: ${UUID}
  vim_name: Athens-200
  vim_city: Athens
  vim_domain: default
  vim_endpoint: 10.100.32.200
  type: vm
  core_total: 64
  core_used: 12
  memory_total: 131072
  memory_used: 4096`;
const ATHENS = {
  uuid: UUID,
  name: 'Athens-200',
  city: 'Athens',
  type: 'vm',
  cores: { used: 12, total: 64 },
  memoryMb: { used: 4_096, total: 131_072 },
};

const decode = (text: string) => decodeVimList(Buffer.from(text));

describe('the list of VIMs', () => {
  it('is read as the adaptor writes it', () => {
    expect(
      decode(`vim_list:${ENTRY}\nnep_list:\n- nep_uuid: ${UUID}\n  nep_name: edge\n  type: endpoint\n`),
    ).toEqual({
      kind: 'list',
      vims: [ATHENS],
    });
  });

  it('may be empty', () => {
    expect(decode('vim_list: []\nnep_list: []\n')).toEqual({ kind: 'list', vims: [] });
  });

  it('leaves out what it does not state', () => {
    expect(decode(`vim_list:\n- vim_uuid: ${UUID.toUpperCase()}\n`)).toEqual({
      kind: 'list',
      vims: [{ uuid: UUID, name: null, city: null, type: null, cores: null, memoryMb: null }],
    });
  });

  it.each([
    ['a negative number', 'core_used: -1\n  core_total: 3', 'cores'],
    ['a text', 'core_used: "1"\n  core_total: 3', 'cores'],
    ['a fraction', 'memory_used: 1.5\n  memory_total: 3', 'memoryMb'],
    ['infinity', 'memory_used: 1\n  memory_total: .inf', 'memoryMb'],
    ['a type that is none', 'type: tape', 'type'],
    ['a name that is a mapping', 'vim_name: {a: 1}', 'name'],
  ])('does not believe %s', (_, lines, field) => {
    expect(decode(`vim_list:\n- vim_uuid: ${UUID}\n  ${lines}\n`)).toMatchObject({
      kind: 'list',
      vims: [{ uuid: UUID, [field]: null }],
    });
  });

  it('has each uuid once, and nothing without one', () => {
    const decoded = decode(
      `vim_list:${ENTRY}\n- vim_uuid: ${UUID}\n  vim_name: other\n- vim_name: none\n- 3\n- vim_uuid: ../x\n`,
    );
    expect(decoded).toEqual({ kind: 'list', vims: [ATHENS] });
  });

  it('bounds and cleans names', () => {
    const decoded = decode(`vim_list:\n- vim_uuid: ${UUID}\n  vim_name: "${'x'.repeat(500)}\\e[31m"\n`);
    expect(decoded).toMatchObject({ kind: 'list' });
    const name = decoded.kind === 'list' ? (decoded.vims[0]?.name ?? '') : '';
    expect(name.length).toBeLessThanOrEqual(100);
  });

  it('takes 5,000 VIMs, and refuses more than it keeps', () => {
    const list = (count: number) =>
      readVimList({
        vim_list: Array.from({ length: count }, (_, at) => ({
          vim_uuid: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
        })),
      });
    const decoded = list(5_000);
    expect(decoded.kind === 'list' && decoded.vims.length).toBe(5_000);
    expect(list(MAX_VIMS + 1)).toEqual({
      kind: 'refused',
      reason: `it lists ${String(MAX_VIMS + 1)} VIMs, more than ${String(MAX_VIMS)}`,
    });
  });
});

describe('what is no list', () => {
  it('may be the error of the adaptor', () => {
    const error = '{"request_status":"ERROR","message":"Timeout Error in List Compute Vim Call"}';
    expect(decode(error)).toEqual({
      kind: 'error',
      reason: 'the adaptor answered ERROR: Timeout Error in List Compute Vim Call',
    });
  });

  it.each([
    ['the request of another asker', '{}', 'the body has no vim_list'],
    ['an empty body', '', 'the body is not readable as YAML'],
    ['a list that is a text', 'vim_list: many', 'the body has no vim_list'],
    ['no YAML', '{"a', 'the body is not readable as YAML'],
    ['a tag of Python', '!!python/object/apply:os.system ["true"]', 'the body is not a mapping'],
  ])('is refused: %s', (_, text, reason) => {
    const decoded = decode(text);
    expect(decoded.kind).toBe('refused');
    expect(decoded.kind === 'refused' && decoded.reason).toContain(reason);
  });

  it('never throws, whatever the bytes, and answers in a line', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const decoded = decodeVimList(bytes);
          if (decoded.kind === 'list') return;
          expect(decoded.reason).toMatch(/^.{1,200}$/);
        },
      ),
    );
  });
});
