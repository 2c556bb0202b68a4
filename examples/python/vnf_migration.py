"""What a caller of vnf-migrator needs to know: names, and what each kind of failure asks of it.

Everything else is in the JSON Schema: `vnf-migrator schema migrate-vnf.input | migrate-vnf.result | migrate-vnf.failure`.
"""

from typing import Any

from temporalio.exceptions import ApplicationError

WORKFLOW_TYPE = "migrateVnf"
TASK_QUEUE = "vnf-migration"


def workflow_id(vnf_uuid: str) -> str:
    """Whoever starts it, one VNF is migrated once at a time: its id makes the workflow's id."""
    return f"vnf-migration/{vnf_uuid.lower()}"


def moved(result: dict[str, Any]) -> dict[str, Any]:
    """`outcome` is `migrated` or `already-there`; a VNF that was migrated has a new id from then on."""
    return {"outcome": result["outcome"], "vnfUuid": result["newVnfUuid"] or result["vnfUuid"]}


def not_moved(failure: ApplicationError) -> dict[str, Any]:
    """What to do after each type of failure; the state of the migration is the failure's first detail."""
    state = failure.details[0] if failure.details else {}
    match failure.type:
        case "InvalidMigrationRequest":
            what_next = "mend the request"
        case "MigrationRejected":
            what_next = "nothing was moved: look at the reason"
        case "MigrationFailed":
            what_next = "look whether the target has a copy that no service lists"
        case "MigrationOutcomeUnknown":
            what_next = "look where the VNF is before anything else"
        case "MigrationNotAcknowledged":
            what_next = "look whether the MANO is there"
        case "ServiceBusy" | "BrokerUnavailable":
            what_next = "start again later"
        case _:
            # Not one of a migration's failures.
            raise failure
    return {
        "failure": failure.type,
        "message": failure.message,
        "next": what_next,
        "mayBeRunning": state.get("mayBeRunning"),
    }
