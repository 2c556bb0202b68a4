"""A workflow of yours that migrates a VNF as one step of its own.

    python child.py '{"serviceInstanceUuid": "…", "vnfUuid": "…", "vimUuid": "…"}'

runs a worker for it, starts it, and prints how it ended. `vnf-migrator worker` must run somewhere.
"""

import asyncio
import json
import os
import sys
import uuid
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, ChildWorkflowError
from temporalio.worker import Worker
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from vnf_migration import TASK_QUEUE, WORKFLOW_TYPE, moved, not_moved, workflow_id


@workflow.defn
class MoveVnf:
    @workflow.run
    async def run(self, request: dict[str, Any], task_queue: str) -> dict[str, Any]:
        try:
            result = await workflow.execute_child_workflow(
                WORKFLOW_TYPE,
                request,
                id=workflow_id(request["vnfUuid"]),
                task_queue=task_queue,
                # A VNF that was migrated has a new id: the old one must not be sent again.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                # The MANO cannot be stopped: the default would leave a running move unwatched.
                parent_close_policy=ParentClosePolicy.ABANDON,
                cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
                # No execution timeout: it would end the migration without a true answer. `policy.deadline` does not.
                result_type=dict,
            )
            return moved(result)
        except ChildWorkflowError as error:
            # Another cause: it was cancelled, or terminated from outside.
            if not isinstance(error.cause, ApplicationError):
                raise
            return not_moved(error.cause)


async def main() -> None:
    request = json.loads(sys.argv[1])
    client = await Client.connect(
        os.environ.get("TEMPORAL_ADDRESS", "127.0.0.1:7233"),
        namespace=os.environ.get("TEMPORAL_NAMESPACE", "default"),
    )
    my_queue = f"my-orchestrator-{uuid.uuid4()}"
    async with Worker(client, task_queue=my_queue, workflows=[MoveVnf]):
        ending = await client.execute_workflow(
            MoveVnf.run,
            args=[request, os.environ.get("TEMPORAL_TASK_QUEUE", TASK_QUEUE)],
            id=f"move-{request['vnfUuid']}-{uuid.uuid4()}",
            task_queue=my_queue,
        )
    print(json.dumps(ending), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
    # The SDK's threads may abort an interpreter that ends right after a call: temporalio/sdk-python#300.
    os._exit(0)
