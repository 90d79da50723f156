// Fields of dialogs and forms, each with its label, its hint and what is wrong with it.
import type { InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

type Common = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string | undefined;
  error?: string | null | undefined;
  disabled?: boolean | undefined;
};

function describedBy(id: string, { hint, error }: Pick<Common, 'hint' | 'error'>): string | undefined {
  return [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
}

const Beside = ({ id, hint, error }: { id: string } & Pick<Common, 'hint' | 'error'>) => (
  <>
    {hint && (
      <small id={`${id}-hint`} class="hint">
        {hint}
      </small>
    )}
    {error && (
      <small id={`${id}-error`} class="error">
        {error}
      </small>
    )}
  </>
);

export function TextField({
  label,
  value,
  onChange,
  hint,
  error,
  ...input
}: Common & {
  type?: string;
  min?: string;
  max?: string;
  required?: boolean;
  maxLength?: number;
  autocomplete?: string;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...(input as InputHTMLAttributes)}
        id={id}
        value={value}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, { hint, error })}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <Beside id={id} hint={hint} error={error} />
    </div>
  );
}

export function ChoiceField({
  label,
  value,
  onChange,
  choices,
  hint,
  error,
  disabled,
}: Common & { choices: [value: string, text: string][] }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-describedby={describedBy(id, { hint, error })}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {choices.map(([name, text]) => (
          <option key={name} value={name} selected={name === value}>
            {text}
          </option>
        ))}
      </select>
      <Beside id={id} hint={hint} error={error} />
    </div>
  );
}
