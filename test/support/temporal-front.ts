/**
 * A proxy in front of a Temporal. It forwards calls. For some workflows, or for all of them, it answers with a gRPC
 * status that the test selects.
 *
 * Invariant: it forwards calls as bytes, so that it knows only the names of the calls of Temporal's API.
 */
import {
  credentials,
  Client,
  Metadata,
  Server,
  ServerCredentials,
  type handleUnaryCall,
  type ServiceError,
  type status,
} from '@grpc/grpc-js';

const SERVICE = '/temporal.api.workflowservice.v1.WorkflowService';
const SIGNAL = 'SignalWorkflowExecution';
/** The calls that a listener makes. */
const CALLS = [SIGNAL, 'DescribeWorkflowExecution', 'DescribeNamespace', 'GetSystemInfo'];

interface Fault {
  code: status;
  /** The text to find in the bytes of the call. An empty text matches every call. */
  about: string;
}

export class TemporalFront {
  /** The number of signals that were answered with a fault, by the text that matched. */
  readonly refused = new Map<string, number>();
  private faults: Fault[] = [];

  private constructor(
    private readonly server: Server,
    private readonly behind: Client,
    readonly address: string,
  ) {}

  static async open(target: string): Promise<TemporalFront> {
    const server = new Server();
    const behind = new Client(target, credentials.createInsecure());
    let front: TemporalFront | null = null;
    const asIs = (bytes: Buffer): Buffer => bytes;
    for (const name of CALLS) {
      const handle: handleUnaryCall<Buffer, Buffer> = ({ request, metadata }, answer) => {
        const error = front?.faultFor(name, request);
        if (error !== undefined) answer(error);
        else behind.makeUnaryRequest(`${SERVICE}/${name}`, asIs, asIs, request, metadata, answer);
      };
      server.register(`${SERVICE}/${name}`, handle, asIs, asIs, 'unary');
    }
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    front = new TemporalFront(server, behind, `127.0.0.1:${port}`);
    return front;
  }

  fail(...faults: Fault[]): void {
    this.faults = faults;
  }

  pass(): void {
    this.faults = [];
  }

  close(): void {
    this.server.forceShutdown();
    this.behind.close();
  }

  private faultFor(call: string, request: Buffer): ServiceError | undefined {
    const fault = this.faults.find(
      ({ about }) => about === '' || (call === SIGNAL && request.includes(about)),
    );
    if (fault === undefined) return undefined;
    const { code, about } = fault;
    if (call === SIGNAL) this.refused.set(about, (this.refused.get(about) ?? 0) + 1);
    const details = `told to answer ${String(code)}`;
    return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
  }
}
