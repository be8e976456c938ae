import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { MethodFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';
import { type CallOutcome, invokeMethod } from '../data/methods.ts';
import { useApp } from '../hooks/app-context.ts';
import { useCell } from '../hooks/use-watch.ts';
import type { DeviceRef } from '../live/keys.ts';
import { type Argument, collectArguments, parseArguments, resultRows } from '../state/method-arguments.ts';
import { describeModel } from '../state/set-point.ts';
import { Facts } from './facts.tsx';
import { Mark } from './mark.tsx';
import { ValueField } from './value-field.tsx';

interface MethodProps {
  device: DeviceRef;
  method: MethodFieldsFragment;
}

/** What a device can be told to do. A method does something at once: its form opens first, so that no slip calls it. */
export function Methods({
  device,
  methods,
}: {
  device: DeviceRef;
  methods: readonly MethodFieldsFragment[];
}) {
  if (methods.length === 0) return null;
  return (
    <section class="panel methods">
      <h2>Methods</h2>
      {methods.map((method) => (
        <details key={method.name} data-method={method.name}>
          <summary>
            <strong>{method.name}</strong> <small>{method.description}</small>
          </summary>
          {method.arguments.length > 0 ? (
            <TypedForm device={device} method={method} />
          ) : (
            <FreeForm device={device} method={method} />
          )}
        </details>
      ))}
    </section>
  );
}

/** A field for each argument, as the model types it. */
function TypedForm({ device, method }: MethodProps) {
  const id = useId();
  const [texts, setTexts] = useState<Record<string, string>>({});
  const { values, problems } = collectArguments(method.arguments, texts);
  return (
    <CallForm device={device} method={method} values={values.length > 0 ? values : undefined}>
      {method.arguments.map((model) => {
        const { name, description } = model;
        const problem = problems[name];
        const fieldId = `${id}-${name}`;
        return (
          <div key={name} class="argument">
            <label for={fieldId}>{name}</label>
            <span class="set-fields">
              <ValueField
                id={fieldId}
                model={model}
                text={texts[name] ?? ''}
                onText={(text) => setTexts({ ...texts, [name]: text })}
                isInvalid={problem !== undefined}
                describedBy={`${fieldId}-hint`}
              />
            </span>
            <p
              id={`${fieldId}-hint`}
              class={problem ? 'problem' : 'hint'}
              role={problem ? 'alert' : undefined}
            >
              {problem ?? [describeModel(model), description].filter(Boolean).join('. ')}
            </p>
          </div>
        );
      })}
      {method.arguments.length > 1 && (
        <p class="hint">What is left empty is left alone; they are written in this order.</p>
      )}
    </CallForm>
  );
}

/** Of a method that the device answers to itself, nobody tells what it takes. */
function FreeForm({ device, method }: MethodProps) {
  const id = useId();
  const [text, setText] = useState('');
  const parsed = parseArguments(text);
  return (
    <CallForm device={device} method={method} values={parsed.ok ? parsed.values : undefined}>
      <label for={id}>Arguments, if it takes any, one per line</label>
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
    </CallForm>
  );
}

interface CallFormProps extends MethodProps {
  /** Undefined: it cannot be called with what is there. */
  values: readonly Argument[] | undefined;
  children: ComponentChildren;
}

function CallForm({ device, method, values, children }: CallFormProps) {
  const { ask, session } = useApp();
  const mayWrite = useCell(session.mayWrite);
  const [isCalling, setCalling] = useState(false);
  const [outcome, setOutcome] = useState<CallOutcome & { called: readonly Argument[] }>();

  const call = async () => {
    if (!values || isCalling) return;
    setCalling(true);
    setOutcome({ ...(await invokeMethod(ask, device, method.name, values)), called: values });
    setCalling(false);
  };
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void call();
        }}
      >
        {children}
        <button type="submit" disabled={!mayWrite || !values} aria-disabled={isCalling}>
          {isCalling ? 'Calling' : `Call ${method.name}`}
        </button>
        {!mayWrite && <p class="hint">Read only: your token may not write.</p>}
      </form>
      <div class="outcome" role="status">
        {outcome && (
          <Outcome
            outcome={outcome}
            models={method.arguments.filter(({ name }) =>
              outcome.called.some((value) => value.name === name),
            )}
          />
        )}
      </div>
    </>
  );
}

function Outcome({ outcome, models }: { outcome: CallOutcome; models: MethodFieldsFragment['arguments'] }) {
  if (!outcome.ok)
    return (
      <>
        <p class="problem">
          <Mark shape="cross" tone="bad" /> {outcome.problem}
        </p>
        {outcome.advice && <p class="hint">{outcome.advice}</p>}
      </>
    );
  return (
    <>
      <p>
        <Mark shape="check" tone="good" /> done
      </p>
      <Facts facts={resultRows(models, outcome.value)} />
    </>
  );
}
