import { useId, useState } from 'preact/hooks';
import type { TwinFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';
import { type SetOutcome, setDesired } from '../data/set-desired.ts';
import { useApp } from '../hooks/app-context.ts';
import { useCell } from '../hooks/use-watch.ts';
import type { DeviceRef } from '../live/keys.ts';
import type { Value } from '../state/format.ts';
import { describeModel, parseSetPoint } from '../state/set-point.ts';
import { ValueField } from './value-field.tsx';

/** Sets what is desired of one property, checked against its model before it is sent. */
export function SetPoint({ device, twin }: { device: DeviceRef; twin: TwinFieldsFragment }) {
  const { ask, session } = useApp();
  const mayWrite = useCell(session.mayWrite);
  const id = useId();
  /** Undefined: nobody typed; the field shows what is desired. */
  const [text, setText] = useState<string>();
  const [outcome, setOutcome] = useState<SetOutcome>();
  const [isSending, setSending] = useState(false);
  const { property, desired, reported } = twin;

  if (!mayWrite) return <p class="hint">Read only: your token may not write.</p>;

  const current = desired?.value ?? reported?.value;
  const shown = text ?? (current === null || current === undefined ? '' : String(current));
  const parsed = text === undefined ? undefined : parseSetPoint(text, twin);
  const problem = parsed && !parsed.ok ? parsed.problem : outcome?.problem;

  const send = async (value: Value) => {
    if (isSending) return;
    setSending(true);
    const outcome = await setDesired(ask, { device, property }, value);
    setSending(false);
    setOutcome(outcome);
    // What was refused stands there to be put right.
    if (!outcome.problem) setText(undefined);
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
        <ValueField
          id={id}
          model={twin}
          text={shown}
          onText={(text) => {
            setOutcome(undefined);
            setText(text);
          }}
          isInvalid={problem !== undefined}
          describedBy={`${id}-hint`}
        />
        {/* Not disabled while it sends: that would take the focus from who works with keys. */}
        <button type="submit" disabled={parsed && !parsed.ok} aria-disabled={isSending}>
          {isSending ? 'Setting' : 'Set'}
        </button>
        {desired && (
          <button
            type="button"
            class="plain"
            aria-disabled={isSending}
            title="Nothing is desired any more; the device keeps what it has."
            onClick={(event) => {
              // This button goes.
              event.currentTarget.form?.querySelector<HTMLElement>('[type=submit]')?.focus();
              void send(null);
            }}
          >
            Release
          </button>
        )}
      </span>
      <p id={`${id}-hint`} class={problem ? 'problem' : 'hint'} role={problem ? 'alert' : undefined}>
        {problem ?? describeModel(twin)}
      </p>
    </form>
  );
}
