/** The variant of the protocol: state of the world, or incremental. */
export type Mode = "sotw" | "delta";
