/** The fields that an order needs beside its reason. */
import { useState } from 'react';
import type { CampaignProgress } from '../../../../shared/campaign/views.js';
import { Field } from '../../components/field.js';
import type { WindowDraft } from '../../components/window-draft.js';
import { WindowsEditor } from '../../components/windows-editor.js';
import type { OrderName } from '../../text/orders.js';

interface OrderFieldsProps {
  order: OrderName;
  progress: CampaignProgress;
  windows: readonly WindowDraft[];
  onWindows: (windows: readonly WindowDraft[]) => void;
}

export function OrderFields({ order, progress, windows, onWindows }: OrderFieldsProps) {
  switch (order) {
    case 'set-limits':
      return <LimitFields limits={progress.limits} />;
    case 'set-budget':
      return <BudgetFields budget={progress.budget} />;
    case 'set-windows':
      return <TimeFields windows={windows} onWindows={onWindows} />;
    case 'add-items':
      return <ItemFields />;
    case 'reprioritize':
      return (
        <Field label="Priority" pointer="/priority" hint="From -1000 to 1000. The higher goes first.">
          {(control) => <input {...control} name="priority" type="number" min={-1000} max={1000} required />}
        </Field>
      );
    case 'pause':
    case 'resume':
    case 'approve':
    case 'abort':
    case 'start-now':
    case 'retry-failed':
    case 'skip':
      return null;
  }
}

const LIMITS = [
  ['total', 'In all'],
  ['perSourceVim', 'Per source VIM'],
  ['perTargetVim', 'Per target VIM'],
] as const;

function LimitFields({ limits }: Pick<CampaignProgress, 'limits'>) {
  return (
    <div className="field-row">
      {LIMITS.map(([name, label]) => (
        <Field key={name} label={label} pointer={`/limits/${name}`} hint={`At present ${limits[name]}.`}>
          {(control) => (
            <input
              {...control}
              name={name}
              type="number"
              min={1}
              max={500}
              required
              defaultValue={limits[name]}
            />
          )}
        </Field>
      ))}
    </div>
  );
}

function BudgetFields({ budget }: Pick<CampaignProgress, 'budget'>) {
  const { maxErrors, maxConsecutive, action } = budget;
  return (
    <div className="field-row">
      <Field label="Errors" pointer="/budget/maxErrors" hint="It trips above this number, or percentage.">
        {(control) => <input {...control} name="maxErrors" required defaultValue={maxErrors} />}
      </Field>
      <Field label="In a row" pointer="/budget/maxConsecutive" hint="It trips at this number.">
        {(control) => (
          <input
            {...control}
            name="maxConsecutive"
            type="number"
            min={1}
            required
            defaultValue={maxConsecutive}
          />
        )}
      </Field>
      <Field label="Then" pointer="/budget/action">
        {(control) => (
          <select {...control} name="action" defaultValue={action}>
            <option value="pause">pause</option>
            <option value="abort">abort</option>
          </select>
        )}
      </Field>
    </div>
  );
}

function TimeFields({ windows, onWindows }: Pick<OrderFieldsProps, 'windows' | 'onWindows'>) {
  const [kind, setKind] = useState('keep');
  return (
    <>
      <Field label="Windows" pointer="/windows">
        {(control) => (
          <select {...control} name="kind" value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="keep">leave them as they are</option>
            <option value="replace">replace them</option>
            <option value="none">take them away: items may start at any time</option>
          </select>
        )}
      </Field>
      {kind === 'replace' ? (
        <WindowsEditor windows={windows} onChange={onWindows} pointer="/windows" />
      ) : null}
      <div className="field-row">
        <Field label="Cutoff" pointer="/cutoff" hint="auto, or a duration such as 10m. Empty: as it is.">
          {(control) => <input {...control} name="cutoff" />}
        </Field>
        <Field
          label="Not before"
          pointer="/notBefore"
          hint="Such as 2026-12-24T22:00:00+02:00; none takes it away. Empty: as it is."
        >
          {(control) => <input {...control} name="notBefore" />}
        </Field>
      </div>
    </>
  );
}

function ItemFields() {
  return (
    <Field
      label="Items"
      pointer="/items"
      hint="CSV with the header serviceInstanceUuid,vnfUuid,vimUuid,priority,wave (the last three where wanted), or a JSON list."
    >
      {(control) => <textarea {...control} name="items" className="code" rows={8} required />}
    </Field>
  );
}
