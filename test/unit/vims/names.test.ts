/** VIMs by the names that people give them. */
import { describe, expect, it } from 'vitest';
import type { VimListAnswer } from '../../../src/shared/vim/answer.js';
import { vimResolver, withVimUuids } from '../../../src/vims/names.js';
import { uuid } from '../../support/campaign-report.js';

const [A, B] = [uuid(3, 1), uuid(3, 2)];
const LISTED: VimListAnswer = {
  kind: 'listed',
  vims: [A, B].map((id, nth) => ({
    ...{ uuid: id, name: `athens-${String(nth + 1)}`, city: null, type: null },
    ...{ cores: null, memoryMb: null },
  })),
};

function counted(answer: VimListAnswer) {
  let queries = 0;
  const resolve = vimResolver(() => {
    queries += 1;
    return Promise.resolve(answer);
  });
  return { resolve, queries: () => queries };
}

describe('a resolver', () => {
  it('takes a uuid as it is, whatever its case and the blanks around it, and needs no list for it', async () => {
    const { resolve, queries } = counted(LISTED);
    expect(await resolve(` ${A.toUpperCase()} `)).toEqual({ kind: 'vim', uuid: A });
    expect(queries()).toBe(0);
  });

  it('asks for the list once', async () => {
    const { resolve, queries } = counted(LISTED);
    expect(await Promise.all([resolve('athens-1'), resolve('athens-2')])).toEqual([
      { kind: 'vim', uuid: A },
      { kind: 'vim', uuid: B },
    ]);
    expect(queries()).toBe(1);
  });

  it('quotes no more than a hundred characters, and none that steers a terminal', async () => {
    const { resolve } = counted(LISTED);
    const found = await resolve(`\u001b[2J${'x'.repeat(200)}`);
    expect(found).toMatchObject({ kind: 'problem' });
    if (found.kind === 'problem') {
      expect(found.message).toContain(`no VIM is named "\\u001b[2J${'x'.repeat(96)}"`);
    }
  });
});

describe('a specification', () => {
  it('has every name replaced, and a problem at the place of each that is none', async () => {
    const { resolve } = counted(LISTED);
    const { input, problems } = await withVimUuids(
      {
        items: [{ vnfUuid: uuid(1, 1), vimUuid: 'athens-2' }, { vimUuid: 'nowhere' }],
        evacuate: { vims: ['athens-1', A] },
        name: 'x',
      },
      resolve,
    );
    expect(input).toMatchObject({ items: [{ vimUuid: B }, {}], evacuate: { vims: [A] }, name: 'x' });
    expect(problems).toMatchObject([{ path: ['items', 1, 'vimUuid'] }]);
  });
});
