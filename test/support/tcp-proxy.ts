// A proxy that injects network faults without affecting the server. Each direction forwards, drops, holds or delays
// its bytes, or is cut after a number of bytes. Connections can be reset, refused and accepted again.
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Direction = 'toServer' | 'toClient';
/** `drop` loses the bytes permanently, as on a half-open connection. `hold` keeps them until `pass`. */
export type Flow = 'pass' | 'drop' | 'hold';

interface Lane {
  flow: Flow;
  delayMs: number;
  /** The number of bytes that may still pass before everything is reset. */
  allowance: number;
  /** The number of bytes that arrived here, forwarded or not. */
  seen: number;
}

interface Pair {
  client: Socket;
  server: Socket;
  held: Record<Direction, Buffer[]>;
}

export class TcpProxy {
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #pairs = new Set<Pair>();
  readonly #lanes: Record<Direction, Lane> = { toServer: newLane(), toClient: newLane() };
  #port = 0;
  /** If true, neither end learns that the other one closed. */
  #isBroken = false;
  /** The number of connections accepted so far. */
  accepted = 0;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Opens a proxy in front of `host:port`, or of the server that a URL names. */
  static async open(target: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(target.includes('://') ? target : `tcp://${target}`);
    const proxy = new TcpProxy({ host: hostname, port: Number(port) });
    await proxy.accept();
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The URL, with the proxy in place of its server. */
  urlOf(url: string): string {
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(this.#port);
    return through.href;
  }

  /** The number of open connections. */
  get open(): number {
    return this.#pairs.size;
  }

  /** The number of bytes that arrived for one direction so far, forwarded or not. */
  seen(direction: Direction): number {
    return this.#lanes[direction].seen;
  }

  /** Applies from now on, to open and to new connections. */
  set(direction: Direction, flow: Flow): void {
    this.#lanes[direction].flow = flow;
    if (flow !== 'pass') return;
    for (const pair of this.#pairs) {
      for (const chunk of pair.held[direction].splice(0)) this.#forward(pair, { direction, chunk });
    }
  }

  /**
   * Works like a cut cable: nothing passes in either direction, and neither end learns that the other one closed.
   */
  break(): void {
    this.#isBroken = true;
    this.set('toServer', 'drop');
    this.set('toClient', 'drop');
  }

  /** Ends the effect of `break`. */
  mend(): void {
    this.#isBroken = false;
    this.set('toServer', 'pass');
    this.set('toClient', 'pass');
  }

  delay(direction: Direction, delayMs: number): void {
    this.#lanes[direction].delayMs = delayMs;
  }

  /** Resets everything after this number of further bytes in this direction. */
  cutAfter(direction: Direction, bytes: number): void {
    this.#lanes[direction].allowance = bytes;
  }

  reset(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  /** Resets everything, and accepts nothing until `accept`. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.reset();
    await once(this.#server, 'close');
  }

  /** Accepts connections again, always on the same port. */
  async accept(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return this.refuse();
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    const server = createConnection(this.#target);
    const pair: Pair = { client, server, held: { toServer: [], toClient: [] } };
    this.#pairs.add(pair);
    this.#connect(pair, { direction: 'toServer', from: client, to: server });
    this.#connect(pair, { direction: 'toClient', from: server, to: client });
  }

  #connect(pair: Pair, { direction, from, to }: { direction: Direction; from: Socket; to: Socket }): void {
    from.setNoDelay(true);
    from.on('error', () => from.destroy());
    from.on('data', (chunk: Buffer) => {
      const lane = this.#lanes[direction];
      lane.seen += chunk.byteLength;
      if (lane.flow === 'pass') this.#forward(pair, { direction, chunk });
      if (lane.flow === 'hold') pair.held[direction].push(chunk);
    });
    from.on('close', () => {
      if (this.#isBroken) return;
      this.#pairs.delete(pair);
      to.destroy();
    });
  }

  #forward(pair: Pair, { direction, chunk }: { direction: Direction; chunk: Buffer }): void {
    const lane = this.#lanes[direction];
    const to = direction === 'toServer' ? pair.server : pair.client;
    const passing = chunk.subarray(0, Math.min(chunk.byteLength, lane.allowance));
    lane.allowance -= passing.byteLength;
    const write = (): unknown => to.writable && to.write(passing);
    if (lane.delayMs === 0) write();
    else setTimeout(write, lane.delayMs);
    if (passing.byteLength === chunk.byteLength) return;
    lane.allowance = Infinity;
    // Bytes that were forwarded must leave before the reset discards them.
    setImmediate(() => this.reset());
  }
}

function newLane(): Lane {
  return { flow: 'pass', delayMs: 0, allowance: Infinity, seen: 0 };
}
