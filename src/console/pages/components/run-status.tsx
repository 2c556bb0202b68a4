/** Temporal's statuses of a workflow, to filter by. */
const STATUSES = [
  ['running', 'Running'],
  ['completed', 'Completed'],
  ['failed', 'Failed'],
  ['canceled', 'Canceled'],
  ['terminated', 'Terminated'],
  ['timedout', 'Timed out'],
] as const;

export function StatusFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <label>
      Status
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">All</option>
        {STATUSES.map(([status, name]) => (
          <option key={status} value={status}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
