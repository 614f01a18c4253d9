import { ApiVersion, ConfigSource } from "../gen/envoy/config/core/v3/config_source.js";

/** On the stream that the client already has. */
export const ADS: ConfigSource = ConfigSource.fromPartial({ ads: {}, resourceApiVersion: ApiVersion.V3 });
