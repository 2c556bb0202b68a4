/** One query for the list of VIMs on a real broker, where many ask, and anybody may answer. */
import type { ConsumeMessage } from 'amqplib';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { queryVimList, type VimListQuery } from '../../src/amqp/vim-list-query.js';
import { VIM_LIST_TOPIC } from '../../src/mano/topics.js';
import { decodeVimList } from '../../src/mano/vim-list.js';
import type { VimListAnswer } from '../../src/shared/vim/answer.js';
import { Bus } from '../support/bus.js';

const { amqpUrl } = inject('stack');
const ATHENS = '1111aaaa-2222-4333-8444-555566667777';
const AVEIRO = '2222aaaa-2222-4333-8444-555566667777';
const ADAPTOR = 'tng-sp-ia';

let bus: Bus;
beforeEach(async () => {
  bus = await Bus.open(amqpUrl);
});
afterEach(() => bus.close());

const listOf = (uuid: string): string => `vim_list:\n- vim_uuid: ${uuid}\n  vim_name: here\n  type: vm\n`;
const ERROR = '{"request_status":"ERROR","message":"Timeout Error in List Compute Vim Call"}';

interface Said {
  body: string;
  /** Default: that of the request. */
  correlationId?: string;
  appId?: string;
}

/** Answers every request with all of these, as an adaptor would. */
async function adaptor(...answers: Said[]): Promise<ConsumeMessage[]> {
  const requests: ConsumeMessage[] = [];
  const { queue } = await bus.channel.assertQueue('', { exclusive: true });
  await bus.channel.bindQueue(queue, bus.exchange, VIM_LIST_TOPIC);
  await bus.channel.consume(
    queue,
    (message) => {
      if (message?.properties.appId !== bus.broker.appId) return;
      requests.push(message);
      for (const { body, correlationId, appId = ADAPTOR } of answers) {
        bus.channel.publish(bus.exchange, VIM_LIST_TOPIC, Buffer.from(body), {
          appId,
          correlationId: correlationId ?? String(message.properties.correlationId),
        });
      }
    },
    { noAck: true },
  );
  return requests;
}

function query(overrides: Partial<VimListQuery> = {}): Promise<VimListAnswer> {
  const { broker, deployment } = bus;
  return queryVimList({ broker, deployment, timeoutMs: 10_000, decode: decodeVimList, ...overrides });
}

const named = (answer: VimListAnswer): string[] | string =>
  answer.kind === 'listed' ? answer.vims.map(({ uuid }) => uuid) : answer.reason;

describe('a query for the list of VIMs', () => {
  it('is answered by the adaptor', async () => {
    const requests = await adaptor({ body: listOf(ATHENS) });
    expect(named(await query())).toEqual([ATHENS]);
    expect(requests).toHaveLength(1);
  });

  it('can be read by every listener of the topic, and names where the answer goes', async () => {
    const requests = await adaptor({ body: listOf(ATHENS) });
    await query();
    const [request] = requests;
    expect(request?.content.toString()).toBe('{}\n');
    expect(request?.properties).toMatchObject({ replyTo: VIM_LIST_TOPIC, appId: 'vnf-migrator' });
    expect(String(request?.properties.correlationId).length).toBeGreaterThanOrEqual(10);
  });

  it('decodes few of many that cannot be read, and says why', async () => {
    await adaptor(...Array.from({ length: 50 }, () => ({ body: '- no list' })));
    let decoded = 0;
    const decode = (body: Uint8Array) => {
      decoded += 1;
      return decodeVimList(body);
    };
    expect(named(await query({ timeoutMs: 1_000, decode }))).toMatch(/another answer was refused/);
    expect(decoded).toBe(5);
  });

  it('that is ended before it begins takes no time', async () => {
    await adaptor({ body: listOf(ATHENS) });
    const answer = await query({ timeoutMs: 60_000, signal: AbortSignal.abort() });
    expect(answer.kind).toBe('unavailable');
  });

  it('takes no answer to another asker, nor its request', async () => {
    await adaptor(
      { body: listOf(AVEIRO), correlationId: 'of-another-asker' },
      { body: '{}', correlationId: 'of-another-asker', appId: 'son-plugin.ServiceLifecycleManager' },
      { body: listOf(ATHENS) },
    );
    expect(named(await query())).toEqual([ATHENS]);
  });

  it('takes the first of two answers', async () => {
    await adaptor({ body: listOf(ATHENS) }, { body: listOf(AVEIRO) });
    expect(named(await query())).toEqual([ATHENS]);
  });

  it('waits on where an answer cannot be read', async () => {
    await adaptor({ body: '&a [*a, {"' }, { body: 'vim_list: hostile' }, { body: listOf(ATHENS) });
    expect(named(await query())).toEqual([ATHENS]);
  });

  it('reports the error of the adaptor', async () => {
    await adaptor({ body: ERROR });
    expect(named(await query())).toBe('the adaptor answered ERROR: Timeout Error in List Compute Vim Call');
  });

  it('ends in time where nobody answers', async () => {
    expect(named(await query({ timeoutMs: 500 }))).toBe('no infrastructure adaptor answered within 0.5 s');
  });

  it('ends in time where nothing readable is answered, and says what came', async () => {
    await adaptor({ body: 'vim_list: hostile' });
    expect(named(await query({ timeoutMs: 500 }))).toBe(
      'no infrastructure adaptor answered within 0.5 s; another answer was refused: the body has no vim_list',
    );
  });

  it('says that the broker is away', async () => {
    const broker = { ...bus.broker, urls: ['amqp://127.0.0.1:1'] as const };
    expect(named(await query({ broker }))).toMatch(/^no connection to the broker \(AMQP_URL\): /);
  });

  it('leaves no queue behind', async () => {
    const requests = await adaptor({ body: listOf(ATHENS) });
    await query();
    const queue = `vnf-migrator.${bus.deployment}.vims.${String(requests[0]?.properties.correlationId)}`;
    const probing = await bus.model.createChannel();
    probing.on('error', () => undefined);
    await expect(probing.checkQueue(queue)).rejects.toThrow(/NOT_FOUND/);
  });
});
