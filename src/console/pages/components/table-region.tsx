/** A table that scrolls within itself, so that the page does not; by keyboard, too. */
import { useId, type ReactNode } from 'react';

/** A column of numbers is aligned at its end. */
export type Column = string | { number: string };

interface TableRegionProps {
  caption: string;
  /** False: the heading before it says the same. */
  showsCaption?: boolean;
  head: readonly Column[];
  children: ReactNode;
  className?: string;
}

export function TableRegion({
  caption,
  showsCaption = false,
  head,
  children,
  className = '',
}: TableRegionProps) {
  const id = useId();
  return (
    <div className={`table-region ${className}`} role="region" aria-labelledby={id} tabIndex={0}>
      <table>
        <caption id={id} className={showsCaption ? '' : 'only-read'}>
          {caption}
        </caption>
        <thead>
          <tr>
            {head.map((column) => (
              <ColumnHead key={nameOf(column)} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function ColumnHead({ column }: { column: Column }) {
  return (
    <th scope="col" className={typeof column === 'string' ? '' : 'number'}>
      {nameOf(column)}
    </th>
  );
}

function nameOf(column: Column): string {
  return typeof column === 'string' ? column : column.number;
}
