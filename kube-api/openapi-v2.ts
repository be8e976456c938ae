import { SERVER_VERSION } from './version.ts';

const PROTOBUF_ASKED = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
/** Not what is asked for: Go's mime package refuses the @ in a Content-Type. */
const PROTOBUF_ANSWERED = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

export interface RawDocument {
  contentType: string;
  body: Buffer;
}

/**
 * An OpenAPI v2 document without a single definition. kubectl wants to have one before it takes a `kind: List`, in protobuf,
 * whatever the server prefers; all that it reads there it finds in `/openapi/v3`.
 */
export function openApiV2(accept: string | undefined): RawDocument {
  const info = { title: 'Octograph embedded Kubernetes API', version: SERVER_VERSION.gitVersion };
  if (!accept?.includes(PROTOBUF_ASKED)) {
    const document = { swagger: '2.0', info, paths: {}, definitions: {} };
    return { contentType: 'application/json', body: Buffer.from(JSON.stringify(document)) };
  }
  // Field numbers: Document and Info in github.com/google/gnostic-models, openapiv2/OpenAPIv2.proto.
  const body = Buffer.concat([
    field(1, '2.0'),
    field(2, Buffer.concat([field(1, info.title), field(2, info.version)])),
    field(8, ''),
  ]);
  return { contentType: PROTOBUF_ANSWERED, body };
}

/** A length-delimited field of fewer than 128 bytes. */
function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
