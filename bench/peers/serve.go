package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
)

// peer is one of go-control-plane's caches with the world in it.
type peer interface {
	cache() cache.Cache
	// change makes the n-th change of what is called so.
	change(what string, n int) error
	// number makes the n-th change of the service: see numbers.go.
	number(service string, n int) error
}

// serve says `ready PORT` on stdout, serves ADS there, and takes lines `change WHAT N`, `number SERVICE N` and
// `memory`: that is answered after everything that can be freed has been.
func serve(from peer, options ...grpc.ServerOption) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	streams := grpc.NewServer(options...)
	discovery.RegisterAggregatedDiscoveryServiceServer(streams, server.NewServer(context.Background(), from.cache(), nil))
	failed := make(chan error, 1)
	go func() { failed <- streams.Serve(listener) }()
	go func() { failed <- takeChanges(from) }()
	fmt.Println("ready", listener.Addr().(*net.TCPAddr).Port)
	return <-failed
}

func takeChanges(from peer) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if lines.Text() == "memory" {
			debug.FreeOSMemory()
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			fmt.Println("memory", now.HeapAlloc+now.StackInuse)
			continue
		}
		var do, what string
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "%s %s %d", &do, &what, &n); err != nil {
			return fmt.Errorf("%q: %w", lines.Text(), err)
		}
		var err error
		switch do {
		case "change":
			err = from.change(what, n)
		case "number":
			err = from.number(what, n)
		default:
			err = fmt.Errorf("unknown command %q", do)
		}
		if err != nil {
			return err
		}
	}
	return lines.Err()
}

type linear struct {
	*world
	resources *cache.LinearCache
}

func newLinear(from *world) linear {
	return linear{from, cache.NewLinearCache(resource.EndpointType, cache.WithInitialResources(from.byName()))}
}

func (l linear) cache() cache.Cache { return l.resources }

func (l linear) change(what string, n int) error { return l.update(l.changes[what][n%2]) }

func (l linear) number(service string, n int) error { return l.update(l.numbered(service, n)) }

func (l linear) update(next assignment) error {
	return l.resources.UpdateResource(next.GetClusterName(), next)
}

// oneGroup lets all clients have the same snapshot.
type oneGroup struct{}

func (oneGroup) ID(*core.Node) string { return "all" }

type snapshots struct {
	*world
	resources cache.SnapshotCache
	current   []types.Resource
	places    map[string]int
	version   int
}

func newSnapshots(from *world) (*snapshots, error) {
	// Not its ADS mode: in that it holds back what a client asks for until it asks for all that there is.
	made := &snapshots{world: from, resources: cache.NewSnapshotCache(false, oneGroup{}, nil), current: from.sorted()}
	made.places = make(map[string]int, len(made.current))
	for place, each := range made.current {
		made.places[each.(assignment).GetClusterName()] = place
	}
	return made, made.set()
}

func (s *snapshots) cache() cache.Cache { return s.resources }

func (s *snapshots) change(what string, n int) error {
	return s.update(s.changes[what][n%2])
}

func (s *snapshots) number(service string, n int) error { return s.update(s.numbered(service, n)) }

func (s *snapshots) update(next assignment) error {
	s.current[s.places[next.GetClusterName()]] = next
	return s.set()
}

func (s *snapshots) set() error {
	s.version++
	next, err := cache.NewSnapshot(strconv.Itoa(s.version), map[resource.Type][]types.Resource{resource.EndpointType: s.current})
	if err != nil {
		return err
	}
	return s.resources.SetSnapshot(context.Background(), "all", next)
}
