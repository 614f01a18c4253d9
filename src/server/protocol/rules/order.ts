/**
 * R18: on ADS all that is new or changed goes first, in the order CDS, EDS, LDS, RDS, and then what
 * is removed. A client is never led to something that it does not have yet, or not any more ("make
 * before break").
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#eventual-consistency-considerations
 */
export type Phase = "update" | "removal";
