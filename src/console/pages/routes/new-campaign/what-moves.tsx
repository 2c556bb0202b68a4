/** What moves: VIMs to empty, a list of items, or whatever a specification says. */
import type { ChangeEvent } from 'react';
import type { VimRow } from '../../api/types.js';
import { VimPicker } from '../../components/vim-picker.js';
import { SOURCES, type Source } from './draft.js';
import { TextField, type DraftProps } from './text-field.js';

const SOURCE_NAMES: Readonly<Record<Source, string>> = {
  evacuate: 'Everything on VIMs: evacuation',
  items: 'A list of items',
  specification: 'A whole specification',
};

export function WhatMoves(props: DraftProps & { vims: readonly VimRow[] | null }) {
  const { draft, onChange, vims } = props;
  return (
    <fieldset>
      <legend>What moves</legend>
      {SOURCES.map((source) => (
        <label key={source}>
          <input
            type="radio"
            name="source"
            checked={draft.source === source}
            onChange={() => onChange({ source })}
          />
          {SOURCE_NAMES[source]}
        </label>
      ))}
      {draft.source === 'evacuate' ? <Evacuation draft={draft} onChange={onChange} vims={vims} /> : null}
      {draft.source === 'items' ? (
        <Upload {...props} name="items" accept=".csv,.tsv,.json">
          <TextField
            {...props}
            name="items"
            label="Items"
            pointer="/campaign/items"
            hint="CSV with the header serviceInstanceUuid,vnfUuid,vimUuid,priority,wave (the last three where wanted), or a JSON list. vimUuid may be the name of a VIM."
            isLong
          />
        </Upload>
      ) : null}
      {draft.source === 'specification' ? (
        <Upload {...props} name="specification" accept=".json">
          <TextField
            {...props}
            name="specification"
            label="Specification (JSON)"
            pointer="/campaign"
            hint="As `vnf-migrator campaign start --spec` reads it. The fields below but name and reason have no effect."
            isLong
          />
        </Upload>
      ) : null}
    </fieldset>
  );
}

function Evacuation(props: DraftProps & { vims: readonly VimRow[] | null }) {
  const { draft, onChange, vims } = props;
  return (
    <>
      <VimPicker
        label="VIMs to empty"
        pointer="/campaign/evacuate/vims"
        hint="By name or uuid. Enter adds one."
        vims={vims}
        chosen={draft.evacuate}
        onChange={(evacuate) => onChange({ evacuate })}
      />
      <details>
        <summary>Include or exclude</summary>
        <p className="quiet">UUIDs, one a line. Without any, everything is included.</p>
        <div className="field-row">
          <TextField
            {...props}
            name="includeServices"
            label="Only these services"
            pointer="/campaign/evacuate/include/serviceInstanceUuids"
            isLong
          />
          <TextField
            {...props}
            name="includeVnfs"
            label="Only these VNFs"
            pointer="/campaign/evacuate/include/vnfUuids"
            isLong
          />
          <TextField
            {...props}
            name="excludeServices"
            label="Not these services"
            pointer="/campaign/evacuate/exclude/serviceInstanceUuids"
            isLong
          />
          <TextField
            {...props}
            name="excludeVnfs"
            label="Not these VNFs"
            pointer="/campaign/evacuate/exclude/vnfUuids"
            isLong
          />
        </div>
      </details>
    </>
  );
}

interface UploadProps extends DraftProps {
  name: 'items' | 'specification';
  accept: string;
  children: React.ReactNode;
}

/** A file fills the field; it is read in the browser. */
function Upload({ onChange, name, accept, children }: UploadProps) {
  const take = async ({ target }: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const file = target.files?.[0];
    if (file !== undefined) onChange({ [name]: await file.text() });
  };
  return (
    <>
      <label>
        From a file
        <input type="file" accept={accept} onChange={(event) => void take(event)} />
      </label>
      {children}
    </>
  );
}
