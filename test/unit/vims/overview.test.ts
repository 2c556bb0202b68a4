/** What the rows of the VIMs say. */
import { expect, it } from 'vitest';
import type { Vim } from '../../../src/shared/vim/vim.js';
import { rowsOf } from '../../../src/vims/overview.js';
import { uuid } from '../../support/campaign-report.js';

const [A, B] = [uuid(3, 1), uuid(3, 2)];
const vim = (id: string, name: string | null): Vim => ({
  ...{ uuid: id, name, city: null, type: null, cores: null, memoryMb: null },
});
const NOTHING = { in: new Map<string, number>(), out: new Map<string, number>() };

it('VIMs are sorted by name, each with what lives there and what is on its way', () => {
  const moving = { in: new Map([[A, 2]]), out: new Map([[B, 1]]) };
  const rows = rowsOf([vim(A, 'aveiro'), vim(B, 'athens')], { vnfs: new Map([[B, 3]]), moving });
  expect(rows).toMatchObject([
    { uuid: B, vnfs: 3, movingIn: 0, movingOut: 1 },
    { uuid: A, vnfs: 0, movingIn: 2, movingOut: 0 },
  ]);
});

it('without a repository it is not known what lives there', () => {
  expect(rowsOf([vim(A, null)], { vnfs: null, moving: NOTHING })).toMatchObject([{ vnfs: null }]);
});
