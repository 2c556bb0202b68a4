import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RECORDS_BYTES, limitRecords } from '../../../src/mano/record-limits.js';
import { vimsOfVnfr, vnfIdsOfNsr } from '../../../src/shared/mano/records.js';

const PADDING = 'x'.repeat(MAX_RECORDS_BYTES);

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** A record of VMs, as the MANO sends it. */
function vnfr(id: string, vims: string[]): Record<string, unknown> {
  const units = vims.map((vim) => ({ id: 'vdu', vnfc_instance: [{ id: '0', vim_id: vim }] }));
  return {
    id,
    name: 'fw',
    status: 'normal operation',
    descriptor_reference: 'd',
    virtual_deployment_units: units,
  };
}

describe('the VIMs of a VNF', () => {
  it.each([
    ['units of machines', vnfr('a', ['v1', 'v2']), ['v1', 'v2']],
    ['one VIM twice', vnfr('a', ['v1', 'v1']), ['v1']],
    [
      'units of containers',
      { cloudnative_deployment_units: [{ vim_id: 'v1' }, { vim_id: 'v2' }] },
      ['v1', 'v2'],
    ],
    ['a summary', { id: 'a', vim_ids: ['v1', 'v2'] }, ['v1', 'v2']],
    ['no units', { id: 'a' }, []],
    ['units of other shapes', { virtual_deployment_units: [null, 1, 'x', [], { vnfc_instance: {} }] }, []],
    [
      'VIMs of other shapes',
      { cloudnative_deployment_units: [{ vim_id: 1 }, { vim_id: ['v'] }, { vim_id: '' }] },
      [],
    ],
    ['units that are a mapping', { virtual_deployment_units: { vnfc_instance: [{ vim_id: 'v' }] } }, []],
    ['null', null, []],
    ['text', 'vim_ids', []],
    ['a list', [{ vim_ids: ['v'] }], []],
  ])('%s', (_name, record, expected) => {
    expect(vimsOfVnfr(record)).toEqual(expected);
  });

  it('are not looked for in the prototype', () => {
    expect(vimsOfVnfr(Object.create({ vim_ids: ['v'] }))).toEqual([]);
  });
});

describe('the VNFs of a service', () => {
  it.each([
    [
      'its functions',
      { network_functions: [{ vnfr_id: 'a' }, { vnfr_id: 'b' }, { vnfr_id: 'a' }] },
      ['a', 'b'],
    ],
    ['functions of other shapes', { network_functions: [null, 'a', { vnfr_id: 1 }, { id: 'a' }] }, []],
    ['none', {}, []],
    ['null', null, []],
  ])('%s', (_name, record, expected) => {
    expect(vnfIdsOfNsr(record)).toEqual(expected);
  });
});

describe('records for a signal (P7)', () => {
  it('stay as they are while they fit', () => {
    const records = { nsr: { id: 's' }, vnfrs: [vnfr('a', ['v'])] };
    expect(limitRecords(records)).toEqual({ ...records, recordsSummarised: false });
  });

  it('stay as they are up to the last byte', () => {
    const frame = bytes({ nsr: { id: '' }, vnfrs: null });
    const fitting = { nsr: { id: PADDING.slice(frame) }, vnfrs: null };
    expect(bytes(fitting)).toBe(MAX_RECORDS_BYTES);
    expect(limitRecords(fitting).recordsSummarised).toBe(false);
    const larger = { nsr: { id: PADDING.slice(frame - 1) }, vnfrs: null };
    expect(limitRecords(larger).recordsSummarised).toBe(true);
  });

  it('are counted in bytes of UTF-8', () => {
    const records = { nsr: { note: 'ü'.repeat(MAX_RECORDS_BYTES / 2) }, vnfrs: null };
    expect(limitRecords(records).recordsSummarised).toBe(true);
  });

  it('become summaries that answer the same questions', () => {
    const nsr = { id: 's', status: 'normal operation', network_functions: [{ vnfr_id: 'a', x: 1 }], PADDING };
    const limited = limitRecords({ nsr, vnfrs: [vnfr('a', ['v1', 'v2']), vnfr('b', [])] });
    const common = { name: 'fw', status: 'normal operation', descriptor_reference: 'd' };
    expect(limited).toEqual({
      nsr: { id: 's', status: 'normal operation', network_functions: [{ vnfr_id: 'a' }] },
      vnfrs: [
        { id: 'a', ...common, vim_ids: ['v1', 'v2'] },
        { id: 'b', ...common, vim_ids: [] },
      ],
      recordsSummarised: true,
    });
    expect(vimsOfVnfr(limited.vnfrs?.[0])).toEqual(['v1', 'v2']);
    expect(vnfIdsOfNsr(limited.nsr)).toEqual(['a']);
  });

  it('leave out what is no text, and bound what is', () => {
    const limited = limitRecords({
      nsr: null,
      vnfrs: [{ id: 1, name: 'n'.repeat(300), status: null, PADDING }],
    });
    expect(limited.vnfrs).toEqual([{ name: `${'n'.repeat(255)}…`, vim_ids: [] }]);
  });

  it('bound the VIMs of a VNF and the ids of a service', () => {
    const vims = Array.from({ length: 1000 }, (_, index) => `${index}-${'v'.repeat(300)}`);
    const nsr = { network_functions: [{ vnfr_id: 'f'.repeat(300) }] };
    const limited = limitRecords({ nsr, vnfrs: [vnfr('a', vims)] });
    expect(vimsOfVnfr(limited.vnfrs?.[0])).toEqual(vims.slice(0, 16).map((vim) => `${vim.slice(0, 255)}…`));
    expect(vnfIdsOfNsr(limited.nsr)).toEqual([`${'f'.repeat(255)}…`]);
  });

  it('keep as many summaries as fit', () => {
    const many = Array.from({ length: 5000 }, (_, index) => vnfr(`id-${index}`, ['v']));
    const limited = limitRecords({ nsr: { id: 's' }, vnfrs: many });
    expect(bytes({ nsr: limited.nsr, vnfrs: limited.vnfrs })).toBeLessThanOrEqual(MAX_RECORDS_BYTES);
    expect(limited.vnfrs?.length).toBeGreaterThan(700);
    expect(limited.vnfrs?.[0]).toMatchObject({ id: 'id-0' });
  });

  it('keep the VNFs even where the service lists very many', () => {
    const functions = Array.from({ length: 50_000 }, (_, index) => ({ vnfr_id: `id-${index}` }));
    const limited = limitRecords({ nsr: { network_functions: functions }, vnfrs: [vnfr('a', ['v'])] });
    expect(limited.vnfrs).toHaveLength(1);
    expect(vnfIdsOfNsr(limited.nsr).length).toBeGreaterThan(100);
    expect(bytes({ nsr: limited.nsr, vnfrs: limited.vnfrs })).toBeLessThanOrEqual(MAX_RECORDS_BYTES);
  });

  it('never exceed the limit, whatever they hold', () => {
    const text = fc.string({ maxLength: 40, unit: 'binary' }).map((part) => part.repeat(200));
    const record = fc.record(
      {
        id: fc.oneof(text, fc.jsonValue()),
        status: text,
        vim_ids: fc.oneof(fc.array(text), fc.jsonValue()),
        network_functions: fc.array(fc.record({ vnfr_id: text })),
        rest: fc.oneof(fc.jsonValue(), text),
      },
      { requiredKeys: [] },
    );
    const large = fc.array(record, { maxLength: 30 }).map((list) => [...list, ...list, ...list]);
    fc.assert(
      fc.property(fc.option(record), fc.option(large), (nsr, vnfrs) => {
        const limited = limitRecords({ nsr, vnfrs });
        expect(bytes({ nsr: limited.nsr, vnfrs: limited.vnfrs })).toBeLessThanOrEqual(MAX_RECORDS_BYTES);
        expect(limited.nsr === null).toBe(nsr === null);
        expect(limited.vnfrs === null).toBe(vnfrs === null);
      }),
      { numRuns: 60 },
    );
  });
});
