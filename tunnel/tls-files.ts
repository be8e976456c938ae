/** PEM texts. */
export interface TlsFiles {
  /** The authority that both ends' certificates are of; several, one after the other, while it is being replaced. */
  ca: string;
  cert: string;
  key: string;
}
