/**
 * The latest events of one feed, each with an id from which a client goes on after it lost the connection.
 *
 * Invariants: pure but for the epoch, which is new with every log: an id of another log, or of an event that is gone, is
 * not known, and such a client starts anew. An event is serialized once for all clients. The log is bounded by bytes.
 */
import { randomUUID } from 'node:crypto';
import { createEventBuffer } from 'better-sse';

export interface LoggedEvent {
  readonly id: string;
  /** As it goes over the wire. */
  readonly text: string;
}

const KEPT_BYTES = 4_194_304;

export class EventLog {
  private readonly epoch = randomUUID().slice(0, 8);
  private readonly events: LoggedEvent[] = [];
  private bytes = 0;
  /** Number of the next event. */
  private next = 1;

  constructor(private readonly keptBytes = KEPT_BYTES) {}

  append(name: string, data: unknown): LoggedEvent {
    const event = this.eventOf(name, { data, number: this.next });
    this.next += 1;
    this.events.push(event);
    this.bytes += event.text.length;
    while (this.bytes > this.keptBytes) this.bytes -= this.events.shift()?.text.length ?? 0;
    return event;
  }

  /** For one client alone; a client that goes on from it misses nothing. */
  snapshot(name: string, data: unknown): LoggedEvent {
    return this.eventOf(name, { data, number: this.next - 1 });
  }

  /** What came after this id; null: that is not known any more. */
  since(id: string): readonly LoggedEvent[] | null {
    const [epoch, number = ''] = id.split('.');
    if (epoch !== this.epoch || !/^\d{1,15}$/.test(number)) return null;
    const missed = this.next - 1 - Number(number);
    if (missed < 0 || missed > this.events.length) return null;
    return missed === 0 ? [] : this.events.slice(-missed);
  }

  private eventOf(name: string, { data, number }: { data: unknown; number: number }): LoggedEvent {
    const id = `${this.epoch}.${number}`;
    return { id, text: createEventBuffer().push(data, name, id).read() };
  }
}
