/** One migration, live: the same object as of a read, again whenever it has changed. */
import { ExternalStore } from '../api/external-store.js';
import { request, segment } from '../api/http.js';
import { asProblem } from '../api/problem.js';
import type { MigrationView } from '../api/types.js';
import { linkAfter, type LinkState, type Trouble } from './campaign-state.js';
import { EventLink } from './event-link.js';

export interface MigrationLive {
  view: MigrationView | null;
  link: LinkState;
  trouble: Trouble | null;
}

export class MigrationStore {
  private readonly path: string;
  private readonly store = new ExternalStore<MigrationLive>({
    view: null,
    link: { kind: 'opening' },
    trouble: null,
  });
  private readonly controller = new AbortController();
  private readonly link: EventLink;

  readonly get = this.store.get;
  readonly subscribe = this.store.subscribe;

  constructor(id: string) {
    this.path = `/migrations/${segment(id)}`;
    this.link = new EventLink({
      path: `${this.path}/events`,
      events: {
        snapshot: (data) => this.change({ view: data as MigrationView, trouble: null }),
        migration: (data) => this.change({ view: data as MigrationView }),
        trouble: (data) => this.change({ trouble: data as Trouble }),
        well: () => this.change({ trouble: null }),
        ended: (data) => this.takeEnd(data as MigrationView),
      },
      onOpen: () => this.change({ link: { kind: 'live' } }),
      onLost: () => this.change({ link: { kind: 'lost', sinceMs: Date.now(), reason: null } }),
      isWorthIt: () => this.read(),
    });
    void this.read();
  }

  close(): void {
    this.controller.abort();
    this.link.close();
  }

  private change(part: Partial<MigrationLive>): void {
    this.store.set({ ...this.store.get(), ...part });
  }

  private takeEnd(view: MigrationView): void {
    this.link.close();
    this.change({ view, link: { kind: 'over' }, trouble: null });
  }

  /** False: asking again is of no use. */
  private async read(): Promise<boolean> {
    try {
      const view = await request<MigrationView>(this.path, { signal: this.controller.signal });
      // What a live stream has told is newer.
      const { view: before, link } = this.store.get();
      if (before === null || link.kind === 'lost') this.change({ view });
      return true;
    } catch (error) {
      if (this.controller.signal.aborted) return false;
      const link = linkAfter(this.store.get().link, asProblem(error));
      this.change({ link });
      return link.kind !== 'refused';
    }
  }
}
