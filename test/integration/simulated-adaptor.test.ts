/** The list of VIMs as the simulated adaptor and the simulated Gatekeeper give it, with each of their faults. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { queryVimList } from '../../src/amqp/vim-list-query.js';
import { createGatekeeperClient } from '../../src/gatekeeper/client.js';
import { decodeVimList } from '../../src/mano/vim-list.js';
import type { VimListAnswer } from '../../src/shared/vim/answer.js';
import { entriesOf, startSimulator, type Simulator, type WorldSpecInput } from '../../src/simulator/index.js';

const { amqpUrl } = inject('stack');
const ATHENS = '1111aaaa-2222-4333-8444-555566667777';
const AVEIRO = '2222aaaa-2222-4333-8444-555566667777';
const SERVICE = '3333aaaa-2222-4333-8444-555566667777';
const VNF = '4444aaaa-2222-4333-8444-555566667777';

const WORLD: WorldSpecInput = {
  vims: [ATHENS, AVEIRO],
  vimFacts: [
    {
      vimUuid: ATHENS,
      name: 'athens-200',
      city: 'Athens',
      type: 'vm',
      cores: { used: 3, total: 16 },
      memoryMb: { total: 65_536 },
    },
    { vimUuid: AVEIRO, name: 'athens-200' },
  ],
  services: [
    {
      serviceInstanceUuid: SERVICE,
      vnfs: [{ vnfUuid: VNF, vimUuids: [ATHENS, ATHENS], unit: { cores: 4, memoryMb: 1_500 } }],
    },
  ],
};

let mano: Simulator;
let exchange: string;

async function start(world: WorldSpecInput): Promise<void> {
  exchange = `son-kernel.${randomUUID()}`;
  mano = await startSimulator({ amqpUrl, exchange, world, gatekeeper: true });
}

beforeEach(() => start(WORLD));
afterEach(() => mano.stop());

function query(timeoutMs = 10_000): Promise<VimListAnswer> {
  const broker = { urls: [amqpUrl], exchange, appId: 'vnf-migrator' } as const;
  return queryVimList({ broker, deployment: 'test', timeoutMs, decode: decodeVimList });
}

const uuidsOf = (answer: VimListAnswer): string[] | string =>
  answer.kind === 'listed' ? answer.vims.map(({ uuid }) => uuid) : answer.reason;

describe('the simulated adaptor', () => {
  it('lists names, types and the load of what really runs', async () => {
    expect(await query()).toEqual({
      kind: 'listed',
      vims: [
        {
          uuid: ATHENS,
          name: 'athens-200',
          city: 'Athens',
          type: 'vm',
          cores: { used: 3 + 8, total: 16 },
          memoryMb: { used: 3_000, total: 65_536 },
        },
        { uuid: AVEIRO, name: 'athens-200', city: null, type: null, cores: null, memoryMb: null },
      ],
    });
    expect(entriesOf(mano.ledger(), 'vim-list')).toMatchObject([{ appId: 'vnf-migrator' }]);
  });

  it('is silent', async () => {
    mano.setAdaptor({ answer: 'silent', delayMs: 0 });
    expect(uuidsOf(await query(500))).toBe('no infrastructure adaptor answered within 0.5 s');
  });

  it('V4: is late, which is waited for as long as the query may take', async () => {
    mano.setAdaptor({ answer: 'late', delayMs: 600 });
    expect(uuidsOf(await query(100))).toBe('no infrastructure adaptor answered within 0.1 s');
    expect(uuidsOf(await query())).toEqual([ATHENS, AVEIRO]);
  });

  it('V4: has heard from some of its VIMs only', async () => {
    mano.setAdaptor({ answer: 'partial', delayMs: 10 });
    expect(uuidsOf(await query())).toEqual([ATHENS]);
  });

  it('V4: answers twice: the first counts', async () => {
    mano.setAdaptor({ answer: 'twice', delayMs: 0 });
    expect(uuidsOf(await query())).toEqual([ATHENS, AVEIRO]);
  });

  it('V4: has none', async () => {
    mano.setAdaptor({ answer: 'error', delayMs: 0 });
    expect(uuidsOf(await query())).toBe('the adaptor answered ERROR: Timeout Error in List Compute Vim Call');
  });

  it('V5: sends what no adaptor would: refused, and told', async () => {
    mano.setAdaptor({ answer: 'hostile', delayMs: 0 });
    expect(uuidsOf(await query(700))).toMatch(/^no .* answered within 0.7 s; another answer was refused: /);
  });

  it('answers each of two that ask at once, and neither the other', async () => {
    const answers = await Promise.all([query(), query()]);
    expect(answers.map(uuidsOf)).toEqual([
      [ATHENS, AVEIRO],
      [ATHENS, AVEIRO],
    ]);
    expect(entriesOf(mano.ledger(), 'vim-list')).toHaveLength(2);
  });

  it('V7: lists five thousand', async () => {
    await mano.stop();
    await start({ vims: Array.from({ length: 5_000 }, () => randomUUID()) });
    expect(uuidsOf(await query())).toHaveLength(5_000);
  });
});

describe('the Gatekeeper', () => {
  const list = (timeoutMs?: number): Promise<VimListAnswer> =>
    createGatekeeperClient({
      baseUrl: mano.gatekeeperUrl!,
      ...(timeoutMs !== undefined && { requestTimeoutMs: timeoutMs }),
    }).listVims();

  it('passes the list on', async () => {
    expect(uuidsOf(await list())).toEqual([ATHENS, AVEIRO]);
    expect(entriesOf(mano.ledger(), 'vim-list')).toMatchObject([{ appId: 'tng-gtk-sp' }]);
  });

  it('has none where the adaptor has none', async () => {
    mano.setAdaptor({ answer: 'error', delayMs: 0 });
    expect(uuidsOf(await list())).toBe('the Gatekeeper has no list of VIMs: its adaptor did not answer it');
  });

  it('is given up while the adaptor is silent', async () => {
    mano.setAdaptor({ answer: 'silent', delayMs: 0 });
    expect(uuidsOf(await list(300))).toBe('the Gatekeeper: no whole answer within 300 ms');
  });

  it('fails', async () => {
    mano.setGatekeeper({ callback: 'once', delayMs: 0, post: 'ok', get: 'ok', vims: '500' });
    expect(uuidsOf(await list())).toBe('the Gatekeeper answered HTTP 500');
  });
});
