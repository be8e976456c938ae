import type { KubeClient } from '../../kubernetes/client.ts';
import {
  collectionPath,
  type KubeObject,
  NAMESPACES,
  objectPath,
  type Resource,
} from '../../kubernetes/resources.ts';
import { codeOf } from '../../lib/errors.ts';

/** Where the gateway keeps what only it may know. */
export const NAMESPACE = 'octograph-system';

/** Source: k8s.io/api/core/v1 Secret. */
interface SecretObject extends KubeObject {
  type?: string;
  /** Base64. */
  data?: Record<string, string>;
}

const SECRETS: Resource<SecretObject> = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

export interface StoredSecret {
  readonly name: string;
  readonly type: string;
  /** Texts by key. */
  readonly data: Readonly<Record<string, string>>;
  /** What Kubernetes compares, so that of two writers one loses. */
  readonly resourceVersion: string | undefined;
}

/** Secrets of our namespace as texts. What Kubernetes refuses, or that it does not answer, is thrown as by the client. */
export class Secrets {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  async read(name: string): Promise<StoredSecret | undefined> {
    try {
      return decode(await this.#client.get<SecretObject>(pathOf(name)));
    } catch (error) {
      if (codeOf(error) === 'KUBERNETES_NOT_FOUND') return undefined;
      throw error;
    }
  }

  async list(): Promise<StoredSecret[]> {
    const found: StoredSecret[] = [];
    let token: string | undefined;
    do {
      const page = await this.#client.list<SecretObject>(collection, { limit: 500, continue: token });
      found.push(...(page.items ?? []).map(decode));
      token = page.metadata.continue || undefined;
    } while (token);
    return found;
  }

  /** Makes the namespace, too, where it is missing. @returns false where the name is taken */
  async create(name: string, type: string, data: Record<string, string>): Promise<boolean> {
    const create = () =>
      this.#client.create(collection, encode({ name, type, data, resourceVersion: undefined }));
    try {
      await create().catch(async (error) => {
        if (codeOf(error) !== 'KUBERNETES_NOT_FOUND') throw error;
        await this.#createNamespace();
        await create();
      });
      return true;
    } catch (error) {
      if (codeOf(error) === 'KUBERNETES_CONFLICT') return false;
      throw error;
    }
  }

  /** @returns false where somebody else changed or removed it since it was read */
  async replace(secret: StoredSecret): Promise<boolean> {
    try {
      await this.#client.replace(pathOf(secret.name), encode(secret));
      return true;
    } catch (error) {
      if (codeOf(error) === 'KUBERNETES_CONFLICT' || codeOf(error) === 'KUBERNETES_NOT_FOUND') return false;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#client.remove(pathOf(name));
    } catch (error) {
      if (codeOf(error) !== 'KUBERNETES_NOT_FOUND') throw error;
    }
  }

  async #createNamespace(): Promise<void> {
    try {
      await this.#client.create(collectionPath(NAMESPACES), {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: NAMESPACE },
      });
    } catch (error) {
      // Another of us was faster.
      if (codeOf(error) !== 'KUBERNETES_CONFLICT') throw error;
    }
  }
}

const collection = collectionPath(SECRETS, NAMESPACE);

const pathOf = (name: string) => objectPath(SECRETS, { namespace: NAMESPACE, name });

const mapValues = (record: Readonly<Record<string, string>>, map: (text: string) => string) =>
  Object.fromEntries(Object.entries(record).map(([key, text]) => [key, map(text)]));

const encode = ({ name, type, data, resourceVersion }: StoredSecret): SecretObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type,
  metadata: { name, namespace: NAMESPACE, resourceVersion },
  data: mapValues(data, (text) => Buffer.from(text).toString('base64')),
});

const decode = ({ metadata, type = 'Opaque', data = {} }: SecretObject): StoredSecret => ({
  name: metadata.name,
  type,
  data: mapValues(data, (text) => Buffer.from(text, 'base64').toString('utf8')),
  resourceVersion: metadata.resourceVersion,
});
