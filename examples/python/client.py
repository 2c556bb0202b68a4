"""A plain client: starts a migration, or joins the same one where it runs, and waits for its end.

    python client.py '{"serviceInstanceUuid": "…", "vnfUuid": "…", "vimUuid": "…"}'
"""

import asyncio
import json
import os
import sys
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from vnf_migration import TASK_QUEUE, WORKFLOW_TYPE, moved, not_moved, workflow_id


async def start(client: Client, request: dict[str, Any]) -> WorkflowHandle:
    vnf_uuid = request["vnfUuid"]
    try:
        return await client.start_workflow(
            WORKFLOW_TYPE,
            request,
            id=workflow_id(vnf_uuid),
            task_queue=os.environ.get("TEMPORAL_TASK_QUEUE", TASK_QUEUE),
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            result_type=dict,
        )
    except WorkflowAlreadyStartedError:
        # It runs, or has moved this VNF already: its end is ours if it moves the VNF to where we want it.
        running = client.get_workflow_handle(workflow_id(vnf_uuid), result_type=dict)
        known = (await running.query("migrationState"))["request"] or {}
        if any(known.get(name) != request[name].lower() for name in ("serviceInstanceUuid", "vimUuid")):
            raise SystemExit(f"{vnf_uuid} is or was moved by another request: {known}") from None
        return running


async def main() -> None:
    request = json.loads(sys.argv[1])
    client = await Client.connect(
        os.environ.get("TEMPORAL_ADDRESS", "127.0.0.1:7233"),
        namespace=os.environ.get("TEMPORAL_NAMESPACE", "default"),
    )
    migration = await start(client, request)
    try:
        ending = moved(await migration.result())
    except WorkflowFailureError as error:
        if not isinstance(error.cause, ApplicationError):
            raise
        ending = not_moved(error.cause)
    print(json.dumps(ending), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
    # The SDK's threads may abort an interpreter that ends right after a call: temporalio/sdk-python#300.
    os._exit(0)
