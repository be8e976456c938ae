import { useId, useState } from 'preact/hooks';
import type { DeviceDetails } from '../data/devices.ts';
import { type CallOutcome, invokeMethod } from '../data/methods.ts';
import { useApp } from '../hooks/app-context.ts';
import { useCell } from '../hooks/use-watch.ts';
import type { DeviceRef } from '../live/keys.ts';
import { formatValue } from '../state/format.ts';
import { parseArguments } from '../state/method-arguments.ts';
import { Mark } from './mark.tsx';

export interface MethodsProps {
  device: DeviceRef;
  methods: DeviceDetails['methods'];
}

/** What a device can be told to do. A method does something at once: its form opens first, so that no slip calls it. */
export function Methods({ device, methods }: MethodsProps) {
  if (methods.length === 0) return null;
  return (
    <section class="panel methods">
      <h2>Methods</h2>
      {methods.map((method) => (
        <MethodForm key={method.name} device={device} method={method} />
      ))}
    </section>
  );
}

function MethodForm({ device, method }: { device: DeviceRef; method: MethodsProps['methods'][number] }) {
  const { ask, session } = useApp();
  const mayWrite = useCell(session.mayWrite);
  const id = useId();
  const [text, setText] = useState('');
  const [isCalling, setCalling] = useState(false);
  const [outcome, setOutcome] = useState<CallOutcome>();
  const parsed = parseArguments(text);

  const call = async () => {
    if (!parsed.ok) return;
    setCalling(true);
    setOutcome(await invokeMethod(ask, device, method.name, parsed.values));
    setCalling(false);
  };
  return (
    <details data-method={method.name}>
      <summary>
        <strong>{method.name}</strong> <small>{method.description}</small>
      </summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void call();
        }}
      >
        <label for={id}>Arguments, one per line</label>
        <textarea
          id={id}
          rows={2}
          placeholder="name = value"
          value={text}
          aria-invalid={!parsed.ok}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {!parsed.ok && (
          <p class="problem" role="alert">
            {parsed.problem}
          </p>
        )}
        <button type="submit" disabled={!mayWrite || isCalling || !parsed.ok}>
          {isCalling ? 'Calling' : `Call ${method.name}`}
        </button>
        {!mayWrite && <p class="hint">Read only: your token may not write.</p>}
      </form>
      {outcome && <Outcome outcome={outcome} />}
    </details>
  );
}

function Outcome({ outcome }: { outcome: CallOutcome }) {
  return (
    <p class={outcome.ok ? 'outcome' : 'outcome problem'} role="status">
      <Mark shape={outcome.ok ? 'check' : 'cross'} tone={outcome.ok ? 'good' : 'bad'} />
      {outcome.ok
        ? outcome.value === null
          ? 'done'
          : `done: ${formatValue(outcome.value)}`
        : outcome.problem}
    </p>
  );
}
