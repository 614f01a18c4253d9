/** Field numbers of envoy/service/discovery/v3/discovery.proto, as far as they are needed. */

export const SOTW_REQUEST = { version: 1, node: 2, names: 3, typeUrl: 4, nonce: 5, error: 6 } as const;

export const DELTA_REQUEST = {
	node: 1,
	typeUrl: 2,
	subscribe: 3,
	unsubscribe: 4,
	initialVersions: 5,
	nonce: 6,
	error: 7,
} as const;

/** Of a DiscoveryResponse and of a DeltaDiscoveryResponse: their common fields have the same numbers. */
export const RESPONSE = { version: 1, resources: 2, typeUrl: 4, nonce: 5, removed: 6 } as const;

/** `resource_errors` of a response. */
export const RESOURCE_ERRORS = { sotw: 7, delta: 9 } as const;

/** `control_plane` of a response. */
export const CONTROL_PLANE = { sotw: 6, delta: 7 } as const;

/** `identifier` of a ControlPlane. */
export const CONTROL_PLANE_IDENTIFIER = 1;

export const RESOURCE_ERROR = { name: 1, detail: 2 } as const;

export const RESOURCE_NAME = { name: 1 } as const;

export const RESOURCE = { version: 1, resource: 2, name: 3, ttl: 6 } as const;

/** Of a google.protobuf.Any. */
export const ANY = { typeUrl: 1, value: 2 } as const;

/** Of an entry of any map. */
export const MAP_ENTRY = { key: 1, value: 2 } as const;
