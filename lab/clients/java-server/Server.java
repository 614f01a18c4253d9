import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.xds.XdsServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * An xDS-enabled gRPC server (grpc-java), which listens on the port given, on all addresses, and serves once the control
 * plane has sent the Listener for it. It reads its bootstrap from the environment. The unary method /lab.Echo/Who answers
 * with raw bytes: the port. It ends with its input.
 */
final class Server {
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  public static void main(String[] args) throws Exception {
    byte[] name = args[0].getBytes();
    MethodDescriptor<byte[], byte[]> who =
        MethodDescriptor.newBuilder(BYTES, BYTES)
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("lab.Echo/Who")
            .build();
    ServerServiceDefinition echo =
        ServerServiceDefinition.builder("lab.Echo")
            .addMethod(
                who,
                ServerCalls.asyncUnaryCall(
                    (request, reply) -> {
                      reply.onNext(name);
                      reply.onCompleted();
                    }))
            .build();
    io.grpc.Server server =
        XdsServerBuilder.forPort(Integer.parseInt(args[0]), InsecureServerCredentials.create())
            .addService(echo)
            .build();
    // Returns when the control plane has sent the Listener.
    server.start();
    System.out.println("listening " + args[0]);
    System.in.transferTo(java.io.OutputStream.nullOutputStream());
    server.shutdownNow().awaitTermination();
  }
}
