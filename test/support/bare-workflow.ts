// Workflows that no worker ever runs. They only receive signals, and a test completes them by hand.
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { ManoReply } from '../../src/shared/mano/reply.js';

const { COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION, COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION } =
  proto.temporal.api.enums.v1.CommandType;

export class BareWorkflow {
  private constructor(
    private readonly client: Client,
    readonly workflowId: string,
  ) {}

  static async start(client: Client, workflowId: string = randomUUID()): Promise<BareWorkflow> {
    // A separate task queue, so that a task polled by hand belongs to this workflow.
    await client.workflow.start('bare', { workflowId, taskQueue: workflowId });
    return new BareWorkflow(client, workflowId);
  }

  /** The replies that were signalled to it, from its history. */
  async replies(): Promise<ManoReply[]> {
    return (await this.arrivals()).map(({ reply }) => reply);
  }

  /** The same, each with the time at which Temporal accepted it. */
  async arrivals(): Promise<{ reply: ManoReply; atMs: number }[]> {
    const { events } = await this.client.workflow.getHandle(this.workflowId).fetchHistory();
    return (events ?? []).flatMap(({ eventTime, workflowExecutionSignaledEventAttributes: signal }) => {
      const data = signal?.input?.payloads?.[0]?.data;
      if (data == null) return [];
      const atMs = Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
      return [{ reply: JSON.parse(Buffer.from(data).toString()) as ManoReply, atMs }];
    });
  }

  async complete(): Promise<void> {
    await this.#end({
      commandType: COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
      completeWorkflowExecutionCommandAttributes: {},
    });
  }

  async fail(): Promise<void> {
    const failure = { message: 'nobody knows', applicationFailureInfo: { type: 'MigrationOutcomeUnknown' } };
    await this.#end({
      commandType: COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
      failWorkflowExecutionCommandAttributes: { failure },
    });
  }

  async terminate(): Promise<void> {
    await this.client.workflow.getHandle(this.workflowId).terminate();
  }

  /** Polls and completes one workflow task, as a worker does. */
  async #end(command: proto.temporal.api.command.v1.ICommand): Promise<void> {
    const { workflowService, options } = this.client;
    const { namespace } = options;
    const poll = { namespace, taskQueue: { name: this.workflowId }, identity: 'by hand' };
    const { taskToken } = await this.client.withDeadline(Date.now() + 10_000, () =>
      workflowService.pollWorkflowTaskQueue(poll),
    );
    await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands: [command] });
  }
}
