// An xDS-enabled gRPC server (grpc-go), which listens on the address given and serves once the control plane has sent
// the Listener for it. It reads its bootstrap from the environment, and says on stdout `listening ADDRESS` and each
// change of its mode. The unary method /lab.Echo/Who answers with raw bytes: its address.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/xds"
)

// bytes sends and receives messages as they are.
type bytes struct{}

func (bytes) Name() string                  { return "bytes" }
func (bytes) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (bytes) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte{}, data...)
	return nil
}

func echo(name string) *grpc.ServiceDesc {
	who := func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		var question []byte
		if err := decode(&question); err != nil {
			return nil, err
		}
		answer := []byte(name)
		if intercept == nil {
			return &answer, nil
		}
		handle := func(context.Context, any) (any, error) { return &answer, nil }
		return intercept(ctx, &question, &grpc.UnaryServerInfo{FullMethod: "/lab.Echo/Who"}, handle)
	}
	return &grpc.ServiceDesc{
		ServiceName: "lab.Echo",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Who", Handler: who}},
	}
}

func main() {
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", listener.Addr())
	modes := xds.ServingModeCallback(func(_ net.Addr, args xds.ServingModeChangeArgs) {
		fmt.Println("mode", args.Mode, args.Err)
	})
	server, err := xds.NewGRPCServer(modes, grpc.ForceServerCodec(bytes{}))
	if err != nil {
		log.Fatal(err)
	}
	server.RegisterService(echo(listener.Addr().String()), struct{}{})
	// The end of the input says that the test that started it is gone.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		server.Stop()
	}()
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
