/**
 * A table of which only the rows in sight are in the document: there may be 10,000. It stays a table: its rows say which ones
 * they are of how many.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, type ReactNode } from 'react';

const ROW_PX = 30;

interface VirtualTableProps {
  caption: string;
  className?: string;
  /** The cells of the head. */
  head: ReactNode;
  columns: number;
  count: number;
  /** A row of the height of all, with its `aria-rowindex`. */
  rowOf: (index: number, rowIndex: number) => ReactNode;
}

export function VirtualTable({ caption, className = '', head, columns, count, rowOf }: VirtualTableProps) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const rows = virtual.getVirtualItems();
  const before = rows[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (rows.at(-1)?.end ?? 0);
  return (
    <div className="table-region tall" ref={box} role="region" aria-label={caption} tabIndex={0}>
      <table className={`virtual ${className}`} aria-rowcount={count + 1}>
        <caption className="only-read">{caption}</caption>
        <thead>
          <tr aria-rowindex={1}>{head}</tr>
        </thead>
        <tbody>
          <Spacer height={before} columns={columns} />
          {rows.map(({ index }) => rowOf(index, index + 2))}
          <Spacer height={after} columns={columns} />
        </tbody>
      </table>
    </div>
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" className="spacer">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
