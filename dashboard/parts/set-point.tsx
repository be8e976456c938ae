import { useId, useState } from 'preact/hooks';
import type { TwinFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';
import { type SetOutcome, setDesired } from '../data/set-desired.ts';
import { useApp } from '../hooks/app-context.ts';
import { useCell } from '../hooks/use-watch.ts';
import type { DeviceRef } from '../live/keys.ts';
import { parseSetPoint, rangeOf } from '../state/set-point.ts';

/** Sets what is desired of one property, checked against its model before it is sent. */
export function SetPoint({ device, twin }: { device: DeviceRef; twin: TwinFieldsFragment }) {
  const { ask, session } = useApp();
  const mayWrite = useCell(session.mayWrite);
  const id = useId();
  const [text, setText] = useState<string>();
  const [outcome, setOutcome] = useState<SetOutcome>();
  const [isSending, setSending] = useState(false);
  const { property, type, desired, reported } = twin;

  if (!mayWrite) return <p class="hint">Read only: your token may not write.</p>;
  if (type === 'STREAM') return <p class="hint">A stream cannot be set.</p>;

  const current = desired?.value ?? reported?.value;
  const shown = text ?? (current === null || current === undefined ? '' : String(current));
  const parsed = text === undefined ? undefined : parseSetPoint(text, twin);
  const problem = parsed && !parsed.ok ? parsed.problem : outcome?.problem;

  const send = async (value: Parameters<typeof setDesired>[2]) => {
    setSending(true);
    setOutcome(await setDesired(ask, { device, property }, value));
    setSending(false);
    setText(undefined);
  };

  return (
    <form
      class="set-point"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = parseSetPoint(shown, twin);
        if (chosen.ok) void send(chosen.value);
        else setText(shown);
      }}
    >
      <label for={id}>Set {property}</label>
      <span class="set-fields">
        {type === 'BOOLEAN' ? (
          <select id={id} value={shown} onChange={(event) => setText(event.currentTarget.value)}>
            <option value="" disabled hidden />
            <option value="true">on</option>
            <option value="false">off</option>
          </select>
        ) : (
          <input
            id={id}
            value={shown}
            inputMode={type === 'STRING' || type === 'BYTES' ? 'text' : 'decimal'}
            autocomplete="off"
            aria-invalid={problem !== undefined}
            aria-describedby={`${id}-hint`}
            onInput={(event) => {
              setOutcome(undefined);
              setText(event.currentTarget.value);
            }}
          />
        )}
        {twin.unit && <span class="unit">{twin.unit}</span>}
        <button type="submit" disabled={isSending || (parsed && !parsed.ok)}>
          {isSending ? 'Setting' : 'Set'}
        </button>
        {desired && (
          <button
            type="button"
            class="plain"
            disabled={isSending}
            title="Nothing is desired any more; the device keeps what it has."
            onClick={() => void send(null)}
          >
            Release
          </button>
        )}
      </span>
      <p id={`${id}-hint`} class={problem ? 'problem' : 'hint'} role={problem ? 'alert' : undefined}>
        {problem ?? describe(twin)}
      </p>
    </form>
  );
}

const describe = (twin: TwinFieldsFragment): string => {
  const range = rangeOf(twin).trim().replace(/^, /, '');
  return [twin.type.toLowerCase(), range].filter(Boolean).join(' ');
};
