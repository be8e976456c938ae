import { flag, freeForm, int32, int64, mapOf, object, text } from './kubeedge-schema.ts';

const integer = { type: 'integer' } as const;

/** `spec.properties[].pushMethod` of a Device: where a mapper pushes values beside the cloud. */
export const pushMethod = object({
  http: object({ hostName: text(), port: int64, requestPath: text(), timeout: int64 }),
  mqtt: object({ address: text(), topic: text(), qos: int32, retained: flag }),
  otel: object({ endpointURL: text() }),
  anomalyDetection: freeForm(),
  dbMethod: object({
    influxdb2: object({
      influxdb2ClientConfig: object({ url: text(), org: text(), bucket: text() }),
      influxdb2DataConfig: object({ measurement: text(), tag: mapOf(text()), fieldKey: text() }),
    }),
    redis: object({
      redisClientConfig: object({ addr: text(), db: integer, poolsize: integer, minIdleConns: integer }),
    }),
    TDEngine: object({ TDEngineClientConfig: object({ addr: text(), dbName: text() }) }),
    Kwdb: object({ KWDBClientConfig: object({ addr: text(), dbName: text() }) }),
    mysql: object({ mysqlClientConfig: object({ addr: text(), database: text(), userName: text() }) }),
  }),
});
