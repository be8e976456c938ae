import { useId } from 'preact/hooks';

export interface SearchFieldProps {
  label: string;
  value: string;
  placeholder?: string;
  onChange(value: string): void;
  /** The one that `/` leads to. */
  isMain?: boolean;
}

export function SearchField({ label, value, placeholder, onChange, isMain }: SearchFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="search"
        value={value}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        data-main-search={isMain}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

export interface ChoiceProps {
  label: string;
  value: string;
  options: readonly string[] | undefined;
  /** What no choice is called. */
  any?: string;
  onChange(value: string): void;
}

export function Choice({ label, value, options = [], any = 'any', onChange }: ChoiceProps) {
  const id = useId();
  // What the address asks for stands there even before, or without, being offered.
  const offered = value === '' || options.includes(value) ? options : [value, ...options];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{any}</option>
        {offered.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </div>
  );
}
