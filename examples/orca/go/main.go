// A back end that reports its load (ORCA) with each answer, and out of band too, by gRPC's own library:
//
//	go run . --listen 127.0.0.1:8081 --capacity 100
//
// It answers /example.Greeter/Name with its name. Its load is pretended: requests of the last second, of as many as it can
// bear.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/orca"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// meter counts the requests of the last second.
type meter struct {
	sync.Mutex
	capacity float64
	times    []time.Time
}

func (m *meter) count() {
	m.Lock()
	defer m.Unlock()
	m.times = append(m.times, time.Now())
}

// ServerMetrics is what is reported. In a real back end the utilisation is measured. Above 1 it is overloaded.
func (m *meter) ServerMetrics() *orca.ServerMetrics {
	m.Lock()
	defer m.Unlock()
	since := time.Now().Add(-time.Second)
	for len(m.times) > 0 && m.times[0].Before(since) {
		m.times = m.times[1:]
	}
	rps := float64(len(m.times))
	utilization := rps / m.capacity
	// -1 is: not reported. grpc-js takes the application's alone.
	return &orca.ServerMetrics{QPS: rps, AppUtilization: utilization, CPUUtilization: utilization, MemUtilization: -1, EPS: -1}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8081", "where it listens")
	capacity := flag.Float64("capacity", 100, "requests a second that are all it can bear")
	name := flag.String("name", "", "what it answers; where it listens unless given")
	method := flag.String("method", "Name", "of the service")
	service := flag.String("service", "example.Greeter", "that it serves")
	flag.Parse()
	if *name == "" {
		*name = *listen
	}

	load := &meter{capacity: *capacity}
	server := grpc.NewServer(orca.CallMetricsServerOption(load))
	// It reports every 30 s at most: gRPC's library has no less.
	if err := orca.Register(server, orca.ServiceOptions{ServerMetricsProvider: load}); err != nil {
		log.Fatal(err)
	}
	// In a real program the generated code registers the service.
	answer := func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		var question emptypb.Empty
		if err := decode(&question); err != nil {
			return nil, err
		}
		info := &grpc.UnaryServerInfo{FullMethod: "/" + *service + "/" + *method}
		return intercept(ctx, &question, info, func(ctx context.Context, _ any) (any, error) {
			load.count()
			// The library reports with an answer only if its recorder was asked for: it adds what the meter says.
			orca.CallMetricsRecorderFromContext(ctx)
			return wrapperspb.String(*name), nil
		})
	}
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: *service,
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: *method, Handler: answer}},
	}, nil)

	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s listens on %s and bears %g requests a second\n", *name, listener.Addr(), *capacity)
	log.Fatal(server.Serve(listener))
}
