import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.TimeUnit;

/** Calls a service by its name. Its endpoints, and the weight of each, come from Fingerpost. */
public final class Client {
	// In a real program the generated stub makes the calls.
	private static final MethodDescriptor<Empty, StringValue> NAME =
			MethodDescriptor.newBuilder(
							ProtoUtils.marshaller(Empty.getDefaultInstance()), ProtoUtils.marshaller(StringValue.getDefaultInstance()))
					.setType(MethodDescriptor.MethodType.UNARY)
					.setFullMethodName("example.Greeter/Name")
					.build();

	public static void main(String[] args) {
		String service = args.length > 0 ? args[0] : "greeter";
		ManagedChannel channel = Grpc.newChannelBuilder("xds:///" + service, InsecureChannelCredentials.create()).build();
		for (int i = 0; i < 10; i++) {
			CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
			System.out.println(ClientCalls.blockingUnaryCall(channel, NAME, options, Empty.getDefaultInstance()).getValue());
		}
		channel.shutdownNow();
	}
}
