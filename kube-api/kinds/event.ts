import { ageOf, column } from '../columns.ts';
import { type KubeObject, textAt } from '../kube-object.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';

export const events = defineBuiltIn({
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  createOnUpdate: true,
  schema: coreSchema('CoreV1Event'),
  columns: [
    column('Last Seen', (event, nowMs) => ageOf(lastSeenOf(event), nowMs)),
    column('Type', (event) => textAt(event, 'type')),
    column('Reason', (event) => textAt(event, 'reason')),
    column('Object', (event) => {
      const kind = textAt(event, 'involvedObject.kind').toLowerCase();
      return `${kind}/${textAt(event, 'involvedObject.name')}`;
    }),
    column('Message', (event) => textAt(event, 'message').trim()),
    column(
      'First Seen',
      (event, nowMs) => ageOf(textAt(event, 'firstTimestamp') || lastSeenOf(event), nowMs),
      {
        wide: true,
      },
    ),
    column('Count', (event) => textAt(event, 'count') || '1', { wide: true }),
    column('Name', (event) => event.metadata.name, { wide: true }),
  ],
  selectableFields: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
});

/** When an event last happened, as an instant in text. */
export const lastSeenOf = (event: KubeObject): string =>
  textAt(event, 'series.lastObservedTime') ||
  textAt(event, 'lastTimestamp') ||
  textAt(event, 'eventTime') ||
  (event.metadata.creationTimestamp ?? '');
