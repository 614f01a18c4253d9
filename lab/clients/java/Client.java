import com.google.common.util.concurrent.ListenableFuture;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.annotations.SerializedName;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.xds.XdsChannelCredentials;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A real gRPC client (grpc-java) in a process of its own, which resolves xds:///NAME. It reads its bootstrap from the
 * environment and obeys commands that come as lines of JSON; lab/clients/README.md describes them.
 */
public final class Client {
	/** TLS where the control plane says so, else in clear. */
	private static final ChannelCredentials CREDENTIALS =
			XdsChannelCredentials.create(InsecureChannelCredentials.create());
	private static final Metadata.Key<String> USER =
			Metadata.Key.of("x-user", Metadata.ASCII_STRING_MARSHALLER);
	private static final Gson GSON = new Gson();
	private static final Map<String, ManagedChannel> CHANNELS = new ConcurrentHashMap<>();
	private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(Client::daemon);

	private static final class Command {
		int id;
		@SerializedName("do")
		String what;
		String service;
		int count;
		int parallel;
		long deadline;
		double rate;
		String user;
	}

	/** Fields named as in the answer. */
	private static final class Tally {
		private int ok;
		private int failed;
		private final Map<String, Integer> byBackend = new HashMap<>();
		private final List<String> failures = new ArrayList<>();
		private long slowest;

		synchronized void count(long startedNanos, ListenableFuture<byte[]> finished) {
			long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
			slowest = Math.max(slowest, took);
			try {
				byBackend.merge(new String(finished.get(), StandardCharsets.UTF_8), 1, Integer::sum);
				ok++;
			} catch (InterruptedException | ExecutionException reason) {
				failed++;
				Status status = Status.fromThrowable(reason);
				if (failures.size() < 10) {
					failures.add(Instant.now() + " after " + took + " ms: " + status.getCode() + ": " + status.getDescription());
				}
			}
		}

		synchronized JsonElement read() {
			return GSON.toJsonTree(this);
		}
	}

	private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
		AS_THEY_ARE;

		@Override
		public InputStream stream(byte[] value) {
			return new ByteArrayInputStream(value);
		}

		@Override
		public byte[] parse(InputStream stream) {
			try {
				return stream.readAllBytes();
			} catch (IOException reason) {
				throw new UncheckedIOException(reason);
			}
		}
	}

	private static final MethodDescriptor<byte[], byte[]> WHO =
			MethodDescriptor.newBuilder(Bytes.AS_THEY_ARE, Bytes.AS_THEY_ARE)
					.setType(MethodDescriptor.MethodType.UNARY)
					.setFullMethodName("lab.Echo/Who")
					.build();

	private static void startCall(Command command, Tally tally, Runnable ended) {
		long started = System.nanoTime();
		ManagedChannel channel =
				CHANNELS.computeIfAbsent(
						command.service,
						name -> Grpc.newChannelBuilder("xds:///" + name, CREDENTIALS).build());
		Metadata metadata = new Metadata();
		if (command.user != null) metadata.put(USER, command.user);
		Channel withUser =
				ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata));
		CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(command.deadline, TimeUnit.MILLISECONDS);
		ListenableFuture<byte[]> future = ClientCalls.futureUnaryCall(withUser.newCall(WHO, options), new byte[0]);
		future.addListener(
				() -> {
					tally.count(started, future);
					ended.run();
				},
				Runnable::run);
	}

	/** Makes so many calls, a number of them at a time. */
	private static Tally calls(Command command) {
		Tally tally = new Tally();
		Semaphore free = new Semaphore(command.parallel);
		for (int i = 0; i < command.count; i++) {
			free.acquireUninterruptibly();
			startCall(command, tally, free::release);
		}
		free.acquireUninterruptibly(command.parallel);
		return tally;
	}

	private static final class Load {
		final Tally tally = new Tally();
		private final Phaser open = new Phaser(1);
		private final long begin = System.nanoTime();
		private final ScheduledFuture<?> ticks;
		private long sent;

		Load(Command command) {
			ticks = TIMER.scheduleAtFixedRate(() -> tick(command), 0, 5, TimeUnit.MILLISECONDS);
		}

		private void tick(Command command) {
			double due = (System.nanoTime() - begin) / 1e9 * command.rate;
			// After a pause of this process it catches up, but not with a flood.
			for (int batch = 0; sent < due && batch < 20; batch++, sent++) {
				open.register();
				startCall(command, tally, open::arriveAndDeregister);
			}
		}

		Tally stop() {
			ticks.cancel(false);
			// After a tick that may be under way.
			TIMER.schedule(open::arriveAndDeregister, 0, TimeUnit.MILLISECONDS);
			open.awaitAdvance(0);
			return tally;
		}
	}

	private static Thread daemon(Runnable work) {
		Thread thread = new Thread(work);
		thread.setDaemon(true);
		return thread;
	}

	private static synchronized void reply(Map<String, Object> answer) {
		System.out.println(GSON.toJson(answer));
	}

	private static void replyLater(Command command, Supplier<Tally> work) {
		daemon(() -> reply(Map.of("id", command.id, "tally", work.get().read()))).start();
	}

	private static void obey(Command command, Map<String, Load> loads) {
		Load running = loads.get(command.service);
		if (command.what.equals("calls")) {
			replyLater(command, () -> calls(command));
		} else if (command.what.equals("startLoad") && running == null) {
			loads.put(command.service, new Load(command));
			reply(Map.of("id", command.id, "tally", new Tally().read()));
		} else if (command.what.equals("readLoad") && running != null) {
			reply(Map.of("id", command.id, "tally", running.tally.read()));
		} else if (command.what.equals("stopLoad") && running != null) {
			loads.remove(command.service);
			replyLater(command, running::stop);
		} else {
			String error = "cannot " + command.what + " the service " + command.service + " now";
			reply(Map.of("id", command.id, "error", error));
		}
	}

	public static void main(String[] args) throws IOException {
		Map<String, Load> loads = new HashMap<>();
		BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = lines.readLine(); line != null; line = lines.readLine()) {
			obey(GSON.fromJson(line, Command.class), loads);
		}
		// The test that started it is gone.
		System.exit(0);
	}
}
