/**
 * The MANO's repository over HTTP, with the records that the script puts into it.
 *
 * Invariant: what it serves is what the script left there at that moment; nothing changes by itself.
 */
import type { Nsr, Vnfr } from '../../src/simulator/records.js';
import { serveHttp, type HttpAnswer, type HttpRequest, type HttpServer } from '../../src/simulator/http.js';
import type { Task } from './tasks.js';

export type RepositoryMood = 'up' | 'down' | 'hangs' | 'broken';

export class ScriptedRepository {
  private readonly moods = new Map<string, RepositoryMood>();
  private readonly nsrs = new Map<string, Nsr>();
  private readonly vnfrs = new Map<string, Vnfr>();
  private server: HttpServer | null = null;

  static async open(): Promise<ScriptedRepository> {
    const repository = new ScriptedRepository();
    repository.server = await serveHttp((request) => repository.answer(request), { port: 0 });
    return repository;
  }

  get url(): string {
    if (this.server === null) throw new Error('the repository is not open');
    return this.server.url;
  }

  async close(): Promise<void> {
    await this.server?.close();
  }

  /** The VNF where it is before the migration, and a sibling of another kind. */
  settle(task: Task): void {
    this.put(task.before);
  }

  /** The migration done: the old record terminated, the new one listed. */
  move(task: Task): void {
    const [moved] = task.before.vnfrs as [Vnfr];
    this.put({ nsr: task.after.nsr, vnfrs: [{ ...moved, status: 'terminated' }, ...task.after.vnfrs] });
  }

  /** Half a migration: the new VNF runs on the target, and no service lists it. */
  leaveCopy(task: Task): void {
    this.put({ nsr: task.before.nsr, vnfrs: [task.copy] });
  }

  /** As if there had never been such a service. */
  forgetService(task: Task): void {
    this.nsrs.delete(task.input.serviceInstanceUuid);
  }

  /** The service is there, without the VNF. */
  unlist(task: Task): void {
    this.nsrs.set(task.before.nsr.id, { ...task.before.nsr, network_functions: [] });
  }

  /** How it answers to questions for all that there is. */
  beAll(mood: RepositoryMood): void {
    this.moods.set('', mood);
  }

  /** How it answers to questions for this task's service from now on. */
  be(mood: RepositoryMood, task: Task): void {
    this.moods.set(task.input.serviceInstanceUuid, mood);
  }

  private put({ nsr, vnfrs }: { nsr: Nsr; vnfrs: Vnfr[] }): void {
    this.nsrs.set(nsr.id, nsr);
    for (const vnfr of vnfrs) this.vnfrs.set(vnfr.id, vnfr);
  }

  private answer({ path, query }: HttpRequest): HttpAnswer {
    const [, collection, , id] = path;
    switch (this.moods.get(id ?? '') ?? 'up') {
      case 'down':
        return { kind: 'dropped' };
      case 'hangs':
        return { kind: 'hung' };
      case 'broken':
        return page(500, 'Error Establishing a Database Connection');
      case 'up':
        break;
    }
    const records: Map<string, Nsr | Vnfr> = collection === 'nsr' ? this.nsrs : this.vnfrs;
    if (id === undefined) {
      const rows = [...records.values()].slice(0, Number(query.get('page_size') ?? 10));
      return page(200, JSON.stringify(rows.map(served)));
    }
    const record = records.get(id);
    return record === undefined ? page(404, '<h1>Not Found</h1>') : page(200, JSON.stringify(served(record)));
  }
}

/** The real one renames the id of what it serves. */
function served({ id, ...rest }: Nsr | Vnfr): object {
  return { ...rest, uuid: id };
}

function page(status: number, body: string): HttpAnswer {
  return { kind: 'answer', status, contentType: 'text/html;charset=utf-8', body };
}
