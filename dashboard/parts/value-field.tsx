import type { ValueModel } from '../state/set-point.ts';

export interface ValueFieldProps {
  id: string;
  model: ValueModel;
  text: string;
  onText(text: string): void;
  isInvalid: boolean;
  /** Id of what says more about it. */
  describedBy: string;
}

/** Where a value of a model's type is typed, or chosen; its unit beside it. */
export function ValueField({ id, model, text, onText, isInvalid, describedBy }: ValueFieldProps) {
  const { type, unit } = model;
  return (
    <>
      {type === 'BOOLEAN' ? (
        <select
          id={id}
          value={text}
          aria-describedby={describedBy}
          onChange={(event) => onText(event.currentTarget.value)}
        >
          <option value="" />
          <option value="true">on</option>
          <option value="false">off</option>
        </select>
      ) : (
        <input
          id={id}
          value={text}
          inputMode={keyboardFor(model)}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-invalid={isInvalid}
          aria-describedby={describedBy}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
      {unit && <span class="unit">{unit}</span>}
    </>
  );
}

/** A phone's keyboard of digits has no minus. */
function keyboardFor({ type, minimum }: ValueModel): 'decimal' | 'text' {
  const isNumber = type === 'INT' || type === 'FLOAT' || type === 'DOUBLE';
  return isNumber && (minimum ?? -1) >= 0 ? 'decimal' : 'text';
}
