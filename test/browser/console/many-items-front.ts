/**
 * A server in front of a console that answers for one campaign itself: generated items, as many as wanted, and events at a rate
 * that no machine of a developer moves VNFs at. Everything else is the console's.
 */
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CampaignItemView, CampaignProgress } from '../../../src/shared/campaign/views.js';
import type { CampaignView, ItemsAnswer } from '../../../src/console/pages/api/types.js';
import { countsOf, sampleReport } from '../../support/campaign-report.js';

export const MANY = 'many-items';

const EVENTS_A_SECOND = 5;
const ITEMS_AN_EVENT = 10;

export class ManyItemsFront {
  private readonly items: CampaignItemView[];
  private readonly report;
  private readonly startedAt: string;
  private readonly streams = new Set<ServerResponse>();
  private timer: NodeJS.Timeout | undefined;
  private eventNumber = 0;
  private next: number;

  private constructor(
    private readonly behind: string,
    count: number,
  ) {
    this.report = sampleReport({ items: count, atOnce: 40, running: true });
    // As if it had been made just now; the second half is still to come.
    const later = Date.now() - Date.parse(this.report.madeAt);
    this.items = this.report.items.map((item, index) =>
      index < count / 2 ? shifted(item, later) : waiting(item),
    );
    this.startedAt = movedBy(this.report.startedAt, later);
    this.next = count / 2;
  }

  static async open(
    behind: string,
    count: number,
  ): Promise<{ front: ManyItemsFront; url: string; close: () => void }> {
    const front = new ManyItemsFront(behind, count);
    const server = createServer((given, answer) => front.answer(given, answer));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const close = (): void => {
      front.stopEvents();
      server.closeAllConnections();
      server.close();
    };
    return { front, url: `http://127.0.0.1:${port}`, close };
  }

  /** 50 items a second begin and end. */
  startEvents(): void {
    this.timer = setInterval(() => this.tell(), 1_000 / EVENTS_A_SECOND);
  }

  stopEvents(): void {
    clearInterval(this.timer);
    this.send('progress', this.progress());
  }

  /** Those that have ended well. */
  get migrated(): number {
    return countsOf(this.items).MIGRATED;
  }

  private tell(): void {
    const changed: CampaignItemView[] = [];
    const at = new Date().toISOString();
    for (let nth = 0; nth < ITEMS_AN_EVENT; nth += 1) {
      const item = this.items[this.next];
      if (item === undefined) return;
      // One event begins an item, the next round ends it.
      const isBegun = item.state === 'RUNNING';
      const following: CampaignItemView = isBegun
        ? { ...item, state: 'MIGRATED', finishedAt: at }
        : { ...item, state: 'RUNNING', waitReason: null, startedAt: at };
      this.items[this.next] = following;
      changed.push(following);
      if (isBegun) this.next += 1;
    }
    this.send('items', { items: changed });
    if (this.eventNumber % EVENTS_A_SECOND === 0) this.send('progress', this.progress());
  }

  private send(event: string, data: unknown): void {
    this.eventNumber += 1;
    const text = `id: front.${this.eventNumber}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const stream of this.streams) stream.write(text);
  }

  private answer(given: IncomingMessage, answer: ServerResponse): void {
    const { pathname, searchParams } = new URL(given.url ?? '/', 'http://127.0.0.1');
    const root = `/api/v1/campaigns/${MANY}`;
    if (pathname === root) json(answer, this.view());
    else if (pathname === `${root}/audit`) json(answer, { entries: this.report.audit });
    else if (pathname === `${root}/items`)
      json(answer, this.page(Number(searchParams.get('from')), Number(searchParams.get('limit'))));
    else if (pathname === `${root}/events`) this.open(answer);
    else this.pass(given, answer);
  }

  private open(answer: ServerResponse): void {
    answer.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    answer.write(`id: front.0\nevent: snapshot\ndata: ${JSON.stringify(this.view())}\n\n`);
    this.streams.add(answer);
    answer.on('close', () => this.streams.delete(answer));
  }

  private page(from: number, limit: number): ItemsAnswer {
    const items = this.items.slice(from, from + limit);
    const nextIndex = from + limit < this.items.length ? from + limit : null;
    return { items, total: this.items.length, nextIndex };
  }

  private view(): CampaignView {
    return {
      ...{
        workflowId: `vnf-campaign/${MANY}`,
        name: MANY,
        status: 'RUNNING',
        isRunning: true,
        closedAt: null,
      },
      ...{ progress: this.progress(), result: null, failure: null, unavailable: null },
    };
  }

  private progress(): CampaignProgress {
    const { items, report } = this;
    const counts = countsOf(items);
    const [errors, allowed] = [counts.FAILED + counts.UNKNOWN, items.length / 10];
    const { waitedMs, conflicts, conflictCount, residual, residualCount } = report;
    return {
      ...{ state: 'RUNNING', pause: null, trouble: null, planned: items.length, counts },
      ...{ waiting: { 'total-limit': counts.WAITING }, waitedMs, byVim: [], generation: 1 },
      limits: { total: 40, perSourceVim: 40, perTargetVim: 40 },
      budget: { maxErrors: '10%', maxConsecutive: 4, action: 'pause', errors, allowed, consecutive: 0 },
      ...{ wave: 1, waves: 1, timing: null, perMinute: 1_500, etaMs: 200_000, inFlight: [] },
      lastFailures: items.filter(({ state }) => state === 'FAILED').slice(0, 10),
      ...{ conflicts, conflictCount, residual, residualCount },
      ...{ actor: 'ops', reason: 'power work', startedAt: this.startedAt, finishedAt: null },
    };
  }

  private pass(given: IncomingMessage, answer: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = given;
    const passed = ask(new URL(url, this.behind), { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    given.pipe(passed);
  }
}

/** Nothing of the first half runs any more. */
function shifted(item: CampaignItemView, ms: number): CampaignItemView {
  const { startedAt, finishedAt } = item;
  return {
    ...item,
    startedAt: startedAt === null ? null : movedBy(startedAt, ms),
    finishedAt: finishedAt === null ? null : movedBy(finishedAt, ms),
  };
}

function movedBy(iso: string, ms: number): string {
  return new Date(Date.parse(iso) + ms).toISOString();
}

function waiting(item: CampaignItemView): CampaignItemView {
  return {
    ...{ ...item, state: 'WAITING', waitReason: 'total-limit', newVnfUuid: null, failureType: null },
    ...{ message: null, startedAt: null, finishedAt: null },
  };
}

function json(answer: ServerResponse, body: unknown): void {
  answer.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  answer.end(JSON.stringify(body));
}
