/** The cost of a migration in history events. */
import proto, { type temporal } from '@temporalio/proto';
import type { History } from './rig.js';

const { EventType } = proto.temporal.api.enums.v1;
/** The number of these events depends on what arrives while a task runs, and so on the load of the machine. */
const OF_TASKS: readonly (temporal.api.enums.v1.EventType | null | undefined)[] = [
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
  EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
];

/** The names of the events that the workflow's code causes. They are the same on every machine. */
export function eventsBesideTasks({ events }: History): string[] {
  return (events ?? [])
    .filter(({ eventType }) => !OF_TASKS.includes(eventType))
    .map(({ eventType }) => String(EventType[eventType ?? 0]).replace('EVENT_TYPE_', ''));
}
