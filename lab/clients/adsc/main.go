// A real client of Istio's pkg/adsc in a process of its own: `HOST:PORT sotw|delta`. It asks for all clusters and for the
// endpoints of those that come, and writes what it has as a line of JSON whenever that is another;
// lab/clients/README.md describes it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"istio.io/istio/pkg/adsc"
	"istio.io/istio/pkg/backoff"
)

const (
	clusterType  = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
	endpointType = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
)

// Of each cluster its endpoints, as `ADDRESS:PORT HEALTH WEIGHT`.
type state map[string][]string

func main() {
	server, mode := os.Args[1], os.Args[2]
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	config := adsc.Config{IP: "127.0.0.1", GrpcOpts: options, BackoffPolicy: again{}}
	look := followSotw
	if mode == "delta" {
		look = followDelta
	}
	have := look(server, config)
	go func() {
		last := ""
		for ; ; time.Sleep(20 * time.Millisecond) {
			line, err := json.Marshal(have())
			if err != nil {
				log.Fatal(err)
			}
			if string(line) != last {
				last = string(line)
				fmt.Println(last)
			}
		}
	}()
	endWithInput()
}

// Tries again at once, so that no test waits for it.
type again struct{}

func (again) NextBackOff() time.Duration                                { return 100 * time.Millisecond }
func (again) Reset()                                                    {}
func (again) RetryWithContext(_ context.Context, do func() error) error { return do() }

var _ backoff.BackOff = again{}

// What has come of endpoints: the client itself takes each response for all that there are.
type responses struct {
	mutex     sync.Mutex
	endpoints state
}

func (r *responses) HandleResponse(_ *adsc.ADSC, response *discovery.DiscoveryResponse) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, each := range response.Resources {
		got := &endpoint.ClusterLoadAssignment{}
		if each.MessageIs(got) && each.UnmarshalTo(got) == nil {
			r.endpoints[got.ClusterName] = inWords(got)
		}
	}
}

func followSotw(server string, config adsc.Config) func() state {
	come := &responses{endpoints: state{}}
	client, err := adsc.New(server, &adsc.ADSConfig{
		Config:                   config,
		ResponseHandler:          come,
		InitialDiscoveryRequests: []*discovery.DiscoveryRequest{{TypeUrl: clusterType}},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := client.Run(); err != nil {
		log.Fatal(err)
	}
	return func() state {
		found := state{}
		come.mutex.Lock()
		defer come.mutex.Unlock()
		for name := range client.GetEdsClusters() {
			found[name] = come.endpoints[name]
		}
		return found
	}
}

func followDelta(server string, config adsc.Config) func() state {
	var mutex sync.Mutex
	have := state{}
	clusters := adsc.Register(func(ctx adsc.HandlerContext, name, _ string, _ *cluster.Cluster, event adsc.Event) {
		mutex.Lock()
		defer mutex.Unlock()
		if event == adsc.EventDelete {
			delete(have, name)
			return
		}
		if _, known := have[name]; !known {
			have[name] = nil
		}
		ctx.RegisterDependency(endpointType, name)
	})
	endpoints := adsc.Register(
		func(_ adsc.HandlerContext, name, _ string, got *endpoint.ClusterLoadAssignment, event adsc.Event) {
			mutex.Lock()
			defer mutex.Unlock()
			// Of a cluster that has gone, its endpoints may still come.
			if _, known := have[name]; known && event == adsc.EventAdd {
				have[name] = inWords(got)
			}
		})
	delta := &adsc.DeltaADSConfig{Config: config}
	client := adsc.NewDelta(server, delta, clusters, endpoints, adsc.Watch[*cluster.Cluster]("*"))
	go client.Run(context.Background())
	return func() state {
		mutex.Lock()
		defer mutex.Unlock()
		copied := state{}
		for name, words := range have {
			copied[name] = words
		}
		return copied
	}
}

func inWords(assignment *endpoint.ClusterLoadAssignment) []string {
	words := []string{}
	for _, locality := range assignment.GetEndpoints() {
		for _, each := range locality.GetLbEndpoints() {
			socket := each.GetEndpoint().GetAddress().GetSocketAddress()
			address := fmt.Sprintf("%s:%d", socket.GetAddress(), socket.GetPortValue())
			weight := fmt.Sprint(each.GetLoadBalancingWeight().GetValue())
			words = append(words, strings.Join([]string{address, each.GetHealthStatus().String(), weight}, " "))
		}
	}
	slices.Sort(words)
	return words
}

// The program ends with its input, so that it outlives no test.
func endWithInput() {
	buffer := make([]byte, 1)
	for {
		if _, err := os.Stdin.Read(buffer); err != nil {
			os.Exit(0)
		}
	}
}
