import type { Cluster } from '../kubernetes/cluster.ts';
import { isManaged } from '../kubernetes/node-object.ts';
import { reportedFromCluster } from '../kubernetes/reported-reader.ts';
import type { ClusterReport } from '../twin/cluster-report.ts';
import type { DeviceObject, DeviceStatusObject } from '../twin/device-object.ts';
import type { Replica } from './replica.ts';

export interface ForeignDevicesOptions {
  cluster: Pick<Cluster, 'nodes' | 'devices' | 'deviceStatuses'>;
  replica: Pick<Replica, 'knows'>;
}

/**
 * Devices on nodes that are not ours: a CloudCore writes into Kubernetes what they report, and nothing else is known of them. A node
 * that ever connected here is ours, as is one whose Node we created.
 */
export class ForeignDevices {
  readonly #options: ForeignDevicesOptions;
  /** One report per device, for as long as neither object is another. */
  readonly #reports = new WeakMap<
    DeviceObject,
    { status: DeviceStatusObject | undefined; report: ClusterReport }
  >();

  constructor(options: ForeignDevicesOptions) {
    this.#options = options;
  }

  /** What the cluster says of a device that is not ours; undefined for one that is, or that waits for its place. */
  reportOf(device: DeviceObject): ClusterReport | undefined {
    const { cluster, replica } = this.#options;
    const { nodeName } = device.spec;
    if (!nodeName || replica.knows(nodeName)) return undefined;
    const node = cluster.nodes.get('', nodeName);
    if (isManaged(node)) return undefined;
    const report = this.#report(device);
    // A node that the cluster does not know, of whose device nobody ever said anything: then nobody did, not a CloudCore either.
    return node || report.twins.size > 0 || report.state ? report : undefined;
  }

  #report(device: DeviceObject): ClusterReport {
    const { namespace = '', name } = device.metadata;
    const status = this.#options.cluster.deviceStatuses.get(namespace, name);
    const known = this.#reports.get(device);
    if (known && known.status === status) return known.report;
    const report = reportedFromCluster(device, status);
    this.#reports.set(device, { status, report });
    return report;
  }
}
