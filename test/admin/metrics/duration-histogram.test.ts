import { describe, expect, it } from "vitest";
import { DurationHistogram } from "../../../src/admin/metrics/duration-histogram.js";

describe("a histogram of durations", () => {
	it("counts each in the buckets whose bound it does not exceed, for each pair of labels", () => {
		const histogram = new DurationHistogram("wait_seconds", "How long.", ["type", "family"], [0.5, 2]);
		histogram.of("eds", "envoy");
		const grpc = histogram.of("eds", "grpc");
		for (const seconds of [0.25, 0.5, 1, 8]) grpc.observe(seconds);
		expect(histogram.of("eds", "grpc")).toBe(grpc);
		expect([...histogram.lines()].join("")).toBe(
			[
				"# HELP wait_seconds How long.",
				"# TYPE wait_seconds histogram",
				'wait_seconds_bucket{le="0.5",type="eds",family="envoy"} 0',
				'wait_seconds_bucket{le="2",type="eds",family="envoy"} 0',
				'wait_seconds_bucket{le="+Inf",type="eds",family="envoy"} 0',
				'wait_seconds_sum{type="eds",family="envoy"} 0',
				'wait_seconds_count{type="eds",family="envoy"} 0',
				'wait_seconds_bucket{le="0.5",type="eds",family="grpc"} 2',
				'wait_seconds_bucket{le="2",type="eds",family="grpc"} 3',
				'wait_seconds_bucket{le="+Inf",type="eds",family="grpc"} 4',
				'wait_seconds_sum{type="eds",family="grpc"} 9.75',
				'wait_seconds_count{type="eds",family="grpc"} 4',
				"",
				"",
			].join("\n"),
		);
	});
});
