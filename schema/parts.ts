import { type Builder, createPlacement, type Owner, type Placement } from './builder.ts';
import { createCommon } from './common.ts';
import { createConnections } from './connection.ts';
import { createEnums, type Enums } from './enums.ts';
import { createInputs, type Inputs } from './inputs.ts';
import { createRefs, type Refs } from './refs.ts';
import { defineScalars } from './scalars.ts';

/** What every `define…` gets: the placement, and the names that the type files share. */
export interface Parts extends Placement {
  builder: Builder;
  refs: Refs;
  enums: Enums;
  inputs: Inputs;
  /** Types that only the cloud subgraph has; undefined where it is not placed. */
  cloud: CloudParts | undefined;
}

export type CloudParts = ReturnType<typeof createCloudParts>;

export function createParts(owners: readonly Owner[], options: { federated: boolean }): Parts {
  const placement = createPlacement(owners, options);
  const { builder } = placement;
  defineScalars(builder);
  const enums = createEnums(builder);
  const refs = createRefs(builder);
  return {
    ...placement,
    refs,
    enums,
    inputs: createInputs(builder, enums),
    cloud: placement.owns('cloud') ? createCloudParts(builder, refs) : undefined,
  };
}

function createCloudParts(builder: Builder, refs: Refs) {
  const { PageInfo, connectionOf } = createConnections(builder);
  return {
    PageInfo,
    ...createCommon(builder, refs),
    NodeConnection: connectionOf('Node', refs.Node),
    PodConnection: connectionOf('Pod', refs.Pod),
    DeviceConnection: connectionOf('Device', refs.Device),
    DeviceModelConnection: connectionOf('DeviceModel', refs.DeviceModel),
  };
}
