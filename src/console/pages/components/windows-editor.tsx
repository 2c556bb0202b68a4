/** Maintenance windows, one fieldset each. */
import { Field } from './field.js';
import { newWindow, WEEKDAYS, WINDOW_FORMS, type WindowDraft, type WindowForm } from './window-draft.js';
import { presentTimeZone } from '../text/times.js';

interface WindowsEditorProps {
  windows: readonly WindowDraft[];
  onChange: (windows: readonly WindowDraft[]) => void;
  /** Of the list in the body. */
  pointer: string;
}

export function WindowsEditor({ windows, onChange, pointer }: WindowsEditorProps) {
  const add = (): void => {
    const key = Math.max(0, ...windows.map((each) => each.key)) + 1;
    onChange([...windows, newWindow(key, windows.at(-1)?.timeZone ?? presentTimeZone())]);
  };
  return (
    <div>
      {windows.length === 0 ? <p className="quiet">No windows: items may start at any time.</p> : null}
      {windows.map((draft, index) => (
        <WindowFields
          key={draft.key}
          draft={draft}
          number={index + 1}
          pointer={`${pointer}/${index}`}
          onChange={(changed) => onChange(windows.map((each) => (each.key === draft.key ? changed : each)))}
          onRemove={() => onChange(windows.filter(({ key }) => key !== draft.key))}
        />
      ))}
      <button type="button" className="secondary outline small" onClick={add}>
        Add a window
      </button>
    </div>
  );
}

interface WindowFieldsProps {
  draft: WindowDraft;
  number: number;
  pointer: string;
  onChange: (draft: WindowDraft) => void;
  onRemove: () => void;
}

const FORM_NAMES: Readonly<Record<WindowForm, string>> = {
  days: 'on days of the week',
  cron: 'at the times of a cron expression',
  once: 'once',
};

function WindowFields(props: WindowFieldsProps) {
  const { draft, number, pointer, onChange, onRemove } = props;
  return (
    <fieldset>
      <legend>Window {number}</legend>
      <div className="field-row">
        <Field label="Kind" pointer={`${pointer}/kind`} hint="deny beats allow">
          {(control) => (
            <select
              {...control}
              value={draft.kind}
              onChange={(event) => onChange({ ...draft, kind: event.target.value as WindowDraft['kind'] })}
            >
              <option value="allow">allow</option>
              <option value="deny">deny</option>
            </select>
          )}
        </Field>
        <Field label="It opens" pointer={`${pointer}/form`}>
          {(control) => (
            <select
              {...control}
              value={draft.form}
              onChange={(event) => onChange({ ...draft, form: event.target.value as WindowForm })}
            >
              {WINDOW_FORMS.map((form) => (
                <option key={form} value={form}>
                  {FORM_NAMES[form]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {draft.form === 'days' ? <Text {...props} name="start" label="Start" hint="such as 22:00" /> : null}
        {draft.form === 'cron' ? (
          <Text {...props} name="cron" label="Cron" hint="minute, hour, day, month, weekday" />
        ) : null}
        {draft.form === 'once' ? (
          <>
            <Text {...props} name="from" label="From" hint="such as 2026-12-24T22:00" />
            <Text {...props} name="until" label="Until" hint="such as 2026-12-25T04:00" />
          </>
        ) : (
          <Text {...props} name="duration" label="Duration" hint="such as 6h" />
        )}
        <Text {...props} name="timeZone" label="Time zone" hint="such as Europe/Athens" />
      </div>
      {draft.form === 'days' ? <Days {...props} /> : null}
      <button type="button" className="secondary outline small" onClick={onRemove}>
        Remove<span className="only-read"> window {number}</span>
      </button>
    </fieldset>
  );
}

interface TextProps extends WindowFieldsProps {
  name: 'start' | 'cron' | 'duration' | 'from' | 'until' | 'timeZone';
  label: string;
  hint: string;
}

function Text({ draft, pointer, onChange, name, label, hint }: TextProps) {
  return (
    <Field label={label} pointer={`${pointer}/${name}`} hint={hint}>
      {(control) => (
        <input
          {...control}
          value={draft[name]}
          onChange={(event) => onChange({ ...draft, [name]: event.target.value })}
        />
      )}
    </Field>
  );
}

function Days({ draft, number, onChange }: WindowFieldsProps) {
  return (
    <div className="days" role="group" aria-label={`Days of window ${number}`}>
      {WEEKDAYS.map((day) => (
        <label key={day}>
          <input
            type="checkbox"
            checked={draft.days.includes(day)}
            onChange={({ target }) =>
              onChange({
                ...draft,
                days: WEEKDAYS.filter((each) => (each === day ? target.checked : draft.days.includes(each))),
              })
            }
          />
          {day}
        </label>
      ))}
    </div>
  );
}
