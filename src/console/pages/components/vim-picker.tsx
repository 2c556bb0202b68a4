/** Chooses VIMs by name or uuid, from the list of VIMs where there is one. */
import { useId, useState, type KeyboardEvent } from 'react';
import { findVim } from '../../../shared/vim/lookup.js';
import type { VimRow } from '../api/types.js';
import { Field } from './field.js';

interface VimPickerProps {
  label: string;
  pointer: string;
  hint: string;
  /** Null: there is no list, and any name or uuid is taken. */
  vims: readonly VimRow[] | null;
  /** Uuids, or what was typed. */
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

export function VimPicker({ label, pointer, hint, vims, chosen, onChange }: VimPickerProps) {
  const listId = useId();
  const [text, setText] = useState('');
  const add = (): void => {
    const wanted = text.trim();
    if (wanted === '') return;
    const found = findVim(wanted, vims ?? []);
    const vim = found.kind === 'found' ? found.vim.uuid : wanted;
    if (!chosen.includes(vim)) onChange([...chosen, vim]);
    setText('');
  };
  const addOnEnter = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    add();
  };
  return (
    <div>
      <Field label={label} pointer={pointer} hint={hint}>
        {(control) => (
          <input
            {...control}
            list={listId}
            value={text}
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
            onKeyDown={addOnEnter}
            onBlur={add}
          />
        )}
      </Field>
      <datalist id={listId}>
        {(vims ?? []).map((vim) => (
          <option key={vim.uuid} value={valueOf(vim, vims ?? [])}>
            {vim.uuid}
          </option>
        ))}
      </datalist>
      <Chosen label={label} vims={vims ?? []} chosen={chosen} onChange={onChange} />
    </div>
  );
}

/** A name that two VIMs bear names neither. */
function valueOf({ uuid, name }: VimRow, vims: readonly VimRow[]): string {
  return name === null || vims.filter((vim) => vim.name === name).length > 1 ? uuid : name;
}

interface ChosenProps {
  label: string;
  vims: readonly VimRow[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

function Chosen({ label, vims, chosen, onChange }: ChosenProps) {
  const nameOf = (uuid: string): string => vims.find((vim) => vim.uuid === uuid)?.name ?? uuid;
  return (
    <ul className="chosen" aria-label={`${label}: chosen`}>
      {chosen.map((vim) => (
        <li key={vim}>
          <span title={vim}>{nameOf(vim)}</span>
          <button
            type="button"
            className="secondary outline small"
            aria-label={`Remove ${nameOf(vim)}`}
            onClick={() => onChange(chosen.filter((each) => each !== vim))}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}
