/** One line of text of a draft. */
import { Field } from '../../components/field.js';
import type { Draft, TextName } from './draft.js';

export interface DraftProps {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
}

interface TextFieldProps extends DraftProps {
  name: TextName;
  label: string;
  pointer: string;
  hint?: string;
  isLong?: boolean;
}

export function TextField({ draft, onChange, name, label, pointer, hint, isLong = false }: TextFieldProps) {
  const given = {
    value: draft[name],
    onChange: (event: { target: { value: string } }) => onChange({ [name]: event.target.value }),
  };
  return (
    <Field label={label} pointer={pointer} hint={hint}>
      {(control) =>
        isLong ? (
          <textarea {...control} {...given} className="code" rows={6} />
        ) : (
          <input {...control} {...given} />
        )
      }
    </Field>
  );
}
