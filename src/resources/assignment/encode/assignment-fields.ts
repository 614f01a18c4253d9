/** Field numbers of a ClusterLoadAssignment and the messages in it, in envoy/config/endpoint/v3 and core/v3. */

export const ASSIGNMENT = { clusterName: 1, endpoints: 2 } as const;

/** Of a LocalityLbEndpoints. */
export const LOCALITY_ENDPOINTS = { locality: 1, endpoints: 2, weight: 3, priority: 5 } as const;

export const LOCALITY = { region: 1, zone: 2, subZone: 3 } as const;

/** Of an LbEndpoint. */
export const LB_ENDPOINT = { endpoint: 1, health: 2, metadata: 3, weight: 4 } as const;

export const ENDPOINT = { address: 1, hostname: 3, additionalAddresses: 4 } as const;

/** Of an Endpoint.AdditionalAddress. */
export const ADDITIONAL_ADDRESS = { address: 1 } as const;

/** Of an Address. */
export const ADDRESS = { socketAddress: 1 } as const;

/** Its protocol is TCP, which is the default. */
export const SOCKET_ADDRESS = { address: 2, port: 3 } as const;

/** Of a google.protobuf.UInt32Value. */
export const UINT32_VALUE = { value: 1 } as const;

/** Of a core.v3.Metadata. */
export const METADATA = { filters: 1, typed: 2 } as const;

/** Of a google.protobuf.Any. */
export const ANY = { typeUrl: 1, value: 2 } as const;

/** Of a google.protobuf.Struct and a Value in it. */
export const STRUCT = { fields: 1 } as const;
export const VALUE = { number: 2, text: 3, truth: 4, list: 6 } as const;
export const LIST_VALUE = { values: 1 } as const;

/** Of an entry of a map. */
export const MAP_ENTRY = { key: 1, value: 2 } as const;
