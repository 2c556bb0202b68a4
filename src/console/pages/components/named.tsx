/** A VIM, a VNF or a service: its name first, its uuid behind. */
export function Named({ name, uuid }: { name?: string | null | undefined; uuid: string | null }) {
  if (uuid === null || uuid === '') return <span className="quiet">{name ?? 'not known'}</span>;
  if (name === null || name === undefined) return <code className="uuid">{uuid}</code>;
  return (
    <span className="named" title={uuid}>
      {name} <code className="uuid">{uuid}</code>
    </span>
  );
}

/** The same where place is short: the uuid is in the title. */
export function ShortNamed({ name, uuid }: { name?: string | null | undefined; uuid: string | null }) {
  if (uuid === null) return <span className="quiet">not known</span>;
  return <span title={uuid}>{name ?? <code className="uuid">{uuid}</code>}</span>;
}
