/**
 * The MANO's repository over HTTP, with the records of the script.
 *
 * Invariant: it serves exactly the current records of the script. Nothing changes on its own.
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

  /** The records before the migration: the VNF at its source, and a sibling of another kind. */
  settle(task: Task): void {
    this.put(task.before);
  }

  /** The records after the migration: the old one is terminated, and the new one is listed. */
  move(task: Task): void {
    const [moved] = task.before.vnfrs as [Vnfr];
    this.put({ nsr: task.after.nsr, vnfrs: [{ ...moved, status: 'terminated' }, ...task.after.vnfrs] });
  }

  /** The records of half a migration: the new VNF runs on the target, and no service lists it. */
  leaveCopy(task: Task): void {
    this.put({ nsr: task.before.nsr, vnfrs: [task.copy] });
  }

  /** Deletes the service, as if it had never existed. */
  forgetService(task: Task): void {
    this.nsrs.delete(task.input.serviceInstanceUuid);
  }

  /** The service exists, without the VNF. */
  unlist(task: Task): void {
    this.nsrs.set(task.before.nsr.id, { ...task.before.nsr, network_functions: [] });
  }

  /** Sets the answer to every request, from now on. */
  beAll(mood: RepositoryMood): void {
    this.moods.set('', mood);
  }

  /** Sets the answer to requests for this task's service, from now on. */
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

/** The real repository renames the id of the records that it serves. */
function served({ id, ...rest }: Nsr | Vnfr): object {
  return { ...rest, uuid: id };
}

function page(status: number, body: string): HttpAnswer {
  return { kind: 'answer', status, contentType: 'text/html;charset=utf-8', body };
}
