// Registers an endpoint in etcd with gRPC's own naming library, keeps it alive, and takes it away at the end:
//
//	go run . --key services/web --address 127.0.0.1:8081
//
// Fingerpost finds it by the target etcd:///services/web/. When the program dies without a word, the lease runs out after
// --ttl seconds, and etcd takes the key away.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os/signal"
	"strings"
	"syscall"
	"time"

	etcd "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/naming/endpoints"
)

func main() {
	servers := flag.String("etcd", "http://127.0.0.1:2379", "URLs of etcd servers, separated by commas")
	service := flag.String("key", "services/web", "what the keys of the service begin with, without the last slash")
	address := flag.String("address", "127.0.0.1:8081", "where the endpoint listens")
	ttl := flag.Int64("ttl", 5, "seconds after which etcd forgets an endpoint that is silent")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	client, err := etcd.New(etcd.Config{Endpoints: strings.Split(*servers, ","), DialTimeout: 5 * time.Second})
	if err != nil {
		log.Fatalf("no client of etcd: %v", err)
	}
	defer client.Close()
	if err := register(ctx, client, *service, *address, *ttl); err != nil {
		log.Fatal(err)
	}
}

// register returns when the context is done, or with the error that ended the registration.
func register(ctx context.Context, client *etcd.Client, service, address string, ttl int64) error {
	lease, err := client.Grant(ctx, ttl)
	if err != nil {
		return fmt.Errorf("etcd gave no lease: %w", err)
	}
	alive, err := client.KeepAlive(ctx, lease.ID)
	if err != nil {
		return fmt.Errorf("the lease cannot be kept alive: %w", err)
	}
	manager, err := endpoints.NewManager(client, service)
	if err != nil {
		return err
	}
	endpoint := endpoints.Endpoint{Addr: address, Metadata: map[string]string{"version": "v1"}}
	if err := manager.AddEndpoint(ctx, service+"/"+address, endpoint, etcd.WithLease(lease.ID)); err != nil {
		return fmt.Errorf("the endpoint was not added: %w", err)
	}
	fmt.Printf("registered %s at %s\n", service, address)
	for range alive {
		// Each answer says that the lease goes on.
	}
	if ctx.Err() == nil {
		return fmt.Errorf("the lease of %s has ended", address)
	}
	// The context is over; the farewell has a time of its own.
	last, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err = client.Revoke(last, lease.ID)
	return err
}
