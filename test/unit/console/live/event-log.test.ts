/** A client goes on where it lost the stream, or learns that it cannot. */
import { describe, expect, it } from 'vitest';
import { EventLog } from '../../../../src/console/live/event-log.js';

const namesOf = (events: readonly { text: string }[] | null): string[] | null =>
  events?.map(({ text }) => /^event: ?(.*)$/m.exec(text)?.[1] ?? '?') ?? null;

describe('the log of events', () => {
  it('gives what came after an id', () => {
    const log = new EventLog();
    const first = log.append('a', 1);
    log.append('b', 2);
    const last = log.append('c', 3);
    expect(namesOf(log.since(first.id))).toEqual(['b', 'c']);
    expect(log.since(last.id)).toEqual([]);
  });

  it('knows no id of another log, of the future, or of what is gone', () => {
    const log = new EventLog(200);
    const first = log.append('a', 'x'.repeat(50));
    for (let n = 0; n < 10; n += 1) log.append('b', 'x'.repeat(50));
    expect(log.since(first.id)).toBeNull();
    expect(log.since(new EventLog().append('a', 1).id)).toBeNull();
    expect(log.since(`${first.id.split('.')[0]}.99`)).toBeNull();
    for (const id of ['', '.', 'a.b', `${first.id.split('.')[0]}.-1`]) expect(log.since(id)).toBeNull();
  });

  it('gives a client that goes on from a snapshot all that came after it', () => {
    const log = new EventLog();
    log.append('a', 1);
    const snapshot = log.snapshot('snapshot', { all: true });
    log.append('b', 2);
    expect(namesOf(log.since(snapshot.id))).toEqual(['b']);
  });

  it('keeps a text with line breaks one event', () => {
    const { text } = new EventLog().append('a', { message: 'one\n\nevent: evil\r\n\r\ndata: 2' });
    expect(text.match(/^event:/gm)).toHaveLength(1);
    expect(text.match(/\n\n/g)).toHaveLength(1);
  });
});
