/**
 * An event stream that is opened again until it is over.
 *
 * Invariants: at most one EventSource is open. After a fault of the network the browser opens it again by itself, with the
 * id of the last event; where it gives up, we do, after a growing pause.
 */
import { apiUrl, queryOf } from '../api/http.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export interface EventLinkOptions {
  path: string;
  /** The names of the events, and what takes their data. */
  events: Readonly<Record<string, (data: unknown) => void>>;
  onOpen: () => void;
  /** Told once for each loss. */
  onLost: () => void;
  /** Asked before a stream that was refused is opened again; false: it is of no use. */
  isWorthIt: () => Promise<boolean>;
}

export class EventLink {
  private readonly options: EventLinkOptions;
  private source: EventSource | null = null;
  private lastEventId: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private isClosed = false;
  private isLost = false;
  private heardAtMs = Date.now();

  constructor(options: EventLinkOptions) {
    this.options = options;
    this.open();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.source?.close();
  }

  /** How long the stream has said nothing. */
  get silentMs(): number {
    return Date.now() - this.heardAtMs;
  }

  /** In place of what may be a dead connection. A loss is told only if this fails. */
  renew(): void {
    if (this.isClosed || this.isLost) return;
    this.source?.close();
    this.open();
  }

  private open(): void {
    const { path, events } = this.options;
    const source = new EventSource(apiUrl(`${path}${queryOf({ lastEventId: this.lastEventId })}`));
    this.source = source;
    this.heardAtMs = Date.now();
    source.onopen = () => {
      this.isLost = false;
      this.options.onOpen();
    };
    source.onerror = () => {
      this.lose();
      // Else the browser is at it already.
      if (source.readyState === EventSource.CLOSED) this.openLater();
    };
    source.addEventListener('beat', () => {
      this.heardAtMs = Date.now();
    });
    for (const [name, take] of Object.entries(events)) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        if (event.lastEventId !== '') this.lastEventId = event.lastEventId;
        this.pauseMs = FIRST_PAUSE_MS;
        this.heardAtMs = Date.now();
        take(JSON.parse(event.data) as unknown);
      });
    }
  }

  private lose(): void {
    if (this.isLost || this.isClosed) return;
    this.isLost = true;
    this.options.onLost();
  }

  private openLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.openIfWorthIt(), this.pauseMs);
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.pauseMs);
  }

  private async openIfWorthIt(): Promise<void> {
    const isWorthIt = await this.options.isWorthIt();
    if (!this.isClosed && isWorthIt) this.open();
  }
}
