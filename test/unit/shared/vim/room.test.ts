/** What VNFs need, and which VIM has room for them. */
import { describe, expect, it } from 'vitest';
import { needsOfVnfr } from '../../../../src/shared/vim/demand.js';
import { fits, fitsWhenEmpty, mostFree, roomOf } from '../../../../src/shared/vim/room.js';
import type { Vim } from '../../../../src/shared/vim/vim.js';

function vim(uuid: string, figures: Partial<Vim> = {}): Vim {
  return {
    uuid,
    name: null,
    city: null,
    type: 'vm',
    cores: { used: 0, total: 10 },
    memoryMb: { used: 0, total: 10_000 },
    ...figures,
  };
}

const NOTHING = { cores: 0, memoryMb: 0 };
const SMALL = { cores: 2, memoryMb: 1_000 };

describe('the needs of a VNF', () => {
  it('are summed over its units and their instances', () => {
    const record = {
      virtual_deployment_units: [
        {
          resource_requirements: { cpu: { vcpus: 2 }, memory: { size: 2, size_unit: 'GB' } },
          vnfc_instance: [{ vim_id: 'a' }, { vim_id: 'a' }],
        },
        { resource_requirements: { cpu: { vcpus: 1 }, memory: { size: 512, size_unit: 'MB' } } },
      ],
    };
    expect(needsOfVnfr(record)).toEqual({
      demand: { cores: 5, memoryMb: 4_608 },
      isStated: true,
      vimTypes: ['vm'],
    });
  });

  it('name the type of VIM that its units need', () => {
    expect(needsOfVnfr({ cloudnative_deployment_units: [{}] }).vimTypes).toEqual(['container']);
    expect(
      needsOfVnfr({ cloudnative_deployment_units: [{}], virtual_deployment_units: [{}] }).vimTypes,
    ).toEqual(['vm', 'container']);
  });

  it.each([
    null,
    'text',
    [],
    {},
    { virtual_deployment_units: 'none' },
    { virtual_deployment_units: [null, 3, { resource_requirements: null }] },
    { virtual_deployment_units: [{ resource_requirements: { cpu: { vcpus: '2' }, memory: { size: -1 } } }] },
    { virtual_deployment_units: [{ resource_requirements: { memory: { size: 1, size_unit: 'firkin' } } }] },
  ])('count as nothing where they are not stated: %j', (record) => {
    expect(needsOfVnfr(record)).toMatchObject({ demand: NOTHING, isStated: false });
  });
});

describe('the room of a VIM', () => {
  it('is what load, headroom and reservations leave', () => {
    const loaded = vim('a', { cores: { used: 4, total: 10 }, memoryMb: { used: 1_000, total: 10_000 } });
    expect(roomOf({ vim: loaded, reserved: SMALL }, { headroom: 0.1 })).toEqual({
      cores: 3,
      memoryMb: 7_000,
    });
  });

  it('is not known where its load is not', () => {
    const room = roomOf({ vim: vim('a', { cores: null }), reserved: NOTHING }, { headroom: 0 });
    expect(room).toBeNull();
    expect(fits(SMALL, room)).toBe(false);
    expect(fits(NOTHING, room)).toBe(true);
  });

  it('ends exactly at the headroom', () => {
    const one = vim('a', { cores: { used: 7, total: 10 } });
    expect(fits(SMALL, roomOf({ vim: one, reserved: NOTHING }, { headroom: 0.1 }))).toBe(true);
    expect(fits(SMALL, roomOf({ vim: one, reserved: NOTHING }, { headroom: 0.11 }))).toBe(false);
  });

  it('of an empty VIM tells what can never fit', () => {
    const full = vim('a', { cores: { used: 10, total: 10 } });
    expect(fitsWhenEmpty(SMALL, { vim: full, headroom: 0.1 })).toBe(true);
    expect(fitsWhenEmpty({ cores: 10, memoryMb: 1 }, { vim: full, headroom: 0.1 })).toBe(false);
  });
});

describe('the VIM with the most room', () => {
  const choose = (candidates: { vim: Vim; reserved?: typeof NOTHING }[]): string | null =>
    mostFree(
      candidates.map(({ vim: one, reserved = NOTHING }) => ({ vim: one, reserved })),
      { demand: SMALL, headroom: 0 },
    )?.uuid ?? null;

  it('is compared by the scarcer resource', () => {
    const fewCores = vim('few-cores', { cores: { used: 8, total: 10 } });
    const halfMemory = vim('half-memory', { memoryMb: { used: 5_000, total: 10_000 } });
    expect(choose([{ vim: fewCores }, { vim: halfMemory }])).toBe('half-memory');
  });

  it('counts what is reserved', () => {
    expect(choose([{ vim: vim('a'), reserved: SMALL }, { vim: vim('b') }])).toBe('b');
  });

  it('is the first of equals', () => {
    expect(choose([{ vim: vim('b') }, { vim: vim('a') }])).toBe('b');
  });

  it('is none where the VNF fits nowhere', () => {
    const full = vim('a', { cores: { used: 9, total: 10 } });
    expect(choose([{ vim: full }, { vim: vim('b', { memoryMb: null }) }])).toBeNull();
  });
});
