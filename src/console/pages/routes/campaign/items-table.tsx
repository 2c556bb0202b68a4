/**
 * All items of a campaign. Only the rows in sight are in the document: there may be 10,000. It stays a table: its rows say
 * which ones they are of how many.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  useCallback,
  useDeferredValue,
  useMemo,
  useRef,
  useState,
  type Dispatch,
  type ReactNode,
  type SetStateAction,
} from 'react';
import type { CampaignItemView, ItemState } from '../../../../shared/campaign/views.js';
import { filteredItems, hasBegun, type ItemFilter } from '../../text/campaign-items.js';
import { ColumnHead } from '../../components/table-region.js';
import { numberText } from '../../text/times.js';
import { ITEM_STATES_IN_ORDER, stateText } from '../../text/words.js';
import { ItemRow } from './item-row.js';

const ROW_PX = 30;

/** The VNFs of items. */
export type Selection = ReadonlySet<string>;

interface ItemsTableProps {
  items: readonly CampaignItemView[];
  /** Null: all are read. */
  total: number | null;
  /** By VNF; null: nothing is selected here. */
  selected: Selection | null;
  onSelect: Dispatch<SetStateAction<Selection>>;
  /** What can be done with the selected items. */
  orders: ReactNode;
}

export function ItemsTable({ items, total, selected, onSelect, orders }: ItemsTableProps) {
  const [filter, setFilter] = useState<ItemFilter>({ state: '', text: '' });
  const wanted = useDeferredValue(filter);
  const shown = useMemo(() => filteredItems(items, wanted), [items, wanted]);
  return (
    <section>
      <h2>Items</h2>
      <Filters filter={filter} onChange={setFilter} />
      <p role="status" className="quiet">
        {total !== null && items.length < total
          ? `Reading items: ${numberText(items.length)} of ${numberText(total)}`
          : `${numberText(shown.length)} of ${numberText(items.length)} items`}
        {selected === null || selected.size === 0 ? '' : `; ${numberText(selected.size)} selected`}
      </p>
      {orders}
      <VirtualTable items={shown} selected={selected} onSelect={onSelect} />
    </section>
  );
}

function Filters({ filter, onChange }: { filter: ItemFilter; onChange: (filter: ItemFilter) => void }) {
  return (
    <div className="filters" role="search" aria-label="Items">
      <label>
        State
        <select
          value={filter.state}
          onChange={(event) => onChange({ ...filter, state: event.target.value as ItemState | '' })}
        >
          <option value="">All</option>
          {ITEM_STATES_IN_ORDER.map((state) => (
            <option key={state} value={state}>
              {stateText(state)}
            </option>
          ))}
        </select>
      </label>
      <label>
        Name, uuid or VIM
        <input
          type="search"
          value={filter.text}
          onChange={(event) => onChange({ ...filter, text: event.target.value })}
        />
      </label>
    </div>
  );
}

const HEAD = [
  { number: '#' },
  ...['VNF', 'State', 'Why', 'From', 'To'],
  { number: 'Wave' },
  'Started',
  { number: 'Took' },
];

interface VirtualTableProps {
  items: readonly CampaignItemView[];
  selected: Selection | null;
  onSelect: Dispatch<SetStateAction<Selection>>;
}

const VirtualTable = memo(function VirtualTable({ items, selected, onSelect }: VirtualTableProps) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const rows = virtual.getVirtualItems();
  const before = rows[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (rows.at(-1)?.end ?? 0);
  const toggle = useCallback((vnfUuid: string) => onSelect((chosen) => toggled(chosen, vnfUuid)), [onSelect]);
  const columns = HEAD.length + (selected === null ? 0 : 1);
  return (
    <div className="table-region tall" ref={box} role="region" aria-label="Items" tabIndex={0}>
      <table className="items" aria-rowcount={items.length + 1}>
        <caption className="only-read">Items</caption>
        <thead>
          <tr aria-rowindex={1}>
            {selected === null ? null : (
              <th scope="col" className="tick">
                <SelectAll items={items} selected={selected} onSelect={onSelect} />
              </th>
            )}
            {HEAD.map((column, index) => (
              <ColumnHead key={index} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} columns={columns} />
          {rows.map(({ index }) => {
            const item = items[index];
            return item === undefined ? null : (
              <ItemRow
                key={item.index}
                item={item}
                rowIndex={index + 2}
                isSelected={selected === null ? null : selected.has(item.vnfUuid)}
                onToggle={toggle}
              />
            );
          })}
          <Spacer height={after} columns={columns} />
        </tbody>
      </table>
    </div>
  );
});

function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" className="spacer">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}

function toggled(selected: Selection, vnfUuid: string): Selection {
  const changed = new Set(selected);
  if (!changed.delete(vnfUuid)) changed.add(vnfUuid);
  return changed;
}

interface SelectAllProps {
  items: readonly CampaignItemView[];
  selected: Selection;
  onSelect: Dispatch<SetStateAction<Selection>>;
}

/** Of those that are shown, all that have not begun. */
function SelectAll({ items, selected, onSelect }: SelectAllProps) {
  const selectable = useMemo(() => items.filter((item) => !hasBegun(item)), [items]);
  const isAll = selectable.length > 0 && selectable.every(({ vnfUuid }) => selected.has(vnfUuid));
  return (
    <input
      type="checkbox"
      aria-label="Select all shown items that have not begun"
      checked={isAll}
      disabled={selectable.length === 0}
      onChange={() => onSelect(new Set(isAll ? [] : selectable.map(({ vnfUuid }) => vnfUuid)))}
    />
  );
}
