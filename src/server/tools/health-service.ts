import { type ServerUnaryCall, type ServerWritableStream, type sendUnaryData, status } from "@grpc/grpc-js";
import {
	HealthCheckResponse_ServingStatus as Health,
	HealthCheckRequest,
	HealthCheckResponse,
	HealthListRequest,
	HealthListResponse,
} from "../../gen/grpc/health/v1/health.js";
import { type GrpcService, grpcMethod } from "./grpc-service.js";

type Watch = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;

const NAME = "grpc.health.v1.Health";

/**
 * gRPC health checking (`grpc.health.v1`): for the server as a whole (the empty name) and for each
 * of its services. All have the same status: NOT_SERVING until the server is ready.
 */
export class HealthService implements GrpcService {
	readonly name = NAME;
	readonly definition = {
		check: grpcMethod(`/${NAME}/Check`, HealthCheckRequest, HealthCheckResponse, "none"),
		watch: grpcMethod(`/${NAME}/Watch`, HealthCheckRequest, HealthCheckResponse, "responses"),
		list: grpcMethod(`/${NAME}/List`, HealthListRequest, HealthListResponse, "none"),
	};
	readonly implementation = {
		check: this.#check.bind(this),
		watch: this.#watch.bind(this),
		list: this.#list.bind(this),
	};
	readonly #services: ReadonlySet<string>;
	readonly #watches = new Set<Watch>();
	#status = Health.NOT_SERVING;

	/** @param services the names of the server's services. */
	constructor(services: readonly string[]) {
		this.#services = new Set(["", ...services]);
	}

	get serving(): boolean {
		return this.#status === Health.SERVING;
	}

	setServing(serving: boolean): void {
		if (serving === this.serving) return;
		this.#status = serving ? Health.SERVING : Health.NOT_SERVING;
		for (const watch of this.#watches) watch.write({ status: this.#status });
	}

	/** The server stops: watchers get NOT_SERVING, and their streams end. */
	stop(): void {
		this.setServing(false);
		for (const watch of this.#watches) watch.end();
		this.#watches.clear();
	}

	#check(
		{ request }: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>,
		reply: sendUnaryData<HealthCheckResponse>,
	): void {
		if (this.#services.has(request.service)) reply(null, { status: this.#status });
		else reply({ code: status.NOT_FOUND, details: `there is no service "${request.service}" here` });
	}

	#watch(call: Watch): void {
		if (!this.#services.has(call.request.service)) {
			// The specification has the watch go on, for a service that may come later. Here none ever
			// does.
			call.write({ status: Health.SERVICE_UNKNOWN });
			return;
		}
		this.#watches.add(call);
		call.on("cancelled", () => this.#watches.delete(call));
		call.write({ status: this.#status });
	}

	#list(_: ServerUnaryCall<HealthListRequest, HealthListResponse>, reply: sendUnaryData<HealthListResponse>): void {
		const entries = [...this.#services].map((name) => [name, { status: this.#status }] as const);
		reply(null, { statuses: Object.fromEntries(entries) });
	}
}
