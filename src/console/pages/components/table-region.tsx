/** A table that scrolls within itself, so that the page does not; by keyboard, too. */
import { useId, type ReactNode } from 'react';

interface TableRegionProps {
  caption: string;
  /** False: the heading before it says the same. */
  showsCaption?: boolean;
  head: readonly ReactNode[];
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
            {head.map((name, index) => (
              <th key={index} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
