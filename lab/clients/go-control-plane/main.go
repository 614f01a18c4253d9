// A real client of go-control-plane (pkg/client/sotw/v3) in a process of its own. It asks for one type by a wildcard, ACKs
// what comes, and writes each response as a line of JSON; lab/clients/README.md describes it.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"slices"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	"github.com/envoyproxy/go-control-plane/pkg/client/sotw/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

type event struct {
	Event string `json:"event"`
	// Of each resource its name, and of a cluster with EDS the name that its endpoints have.
	Names    []string `json:"names"`
	Services []string `json:"services,omitempty"`
}

var types = map[string]string{
	"cds": resource.ClusterType,
	"eds": resource.EndpointType,
	"lds": resource.ListenerType,
}

func main() {
	server, what, node, rejected := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	connection, err := grpc.NewClient(server, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	client := sotw.NewADSClient(context.Background(), &core.Node{Id: node}, types[what])
	go endWithInput()
	for {
		if err := client.InitConnect(connection, grpc.WaitForReady(true)); err != nil {
			log.Fatal(err)
		}
		write(event{Event: "connected"})
		err := follow(client, rejected)
		if !sotw.IsConnError(err) {
			log.Fatal(err)
		}
		write(event{Event: "disconnected"})
		time.Sleep(100 * time.Millisecond)
	}
}

func follow(client sotw.ADSClient, rejected string) error {
	for {
		response, err := client.Fetch()
		if err != nil {
			return err
		}
		got := read(response)
		if slices.Contains(got.Names, rejected) {
			got.Event = "rejected"
			err = client.Nack("I do not take " + rejected)
		} else {
			err = client.Ack()
		}
		if err != nil {
			return err
		}
		write(got)
	}
}

func read(response *sotw.Response) event {
	got := event{Event: "accepted", Names: []string{}}
	for _, any := range response.Resources {
		switch any.TypeUrl {
		case resource.ClusterType:
			message := &cluster.Cluster{}
			must(proto.Unmarshal(any.Value, message))
			got.Names = append(got.Names, message.Name)
			got.Services = append(got.Services, message.GetEdsClusterConfig().GetServiceName())
		case resource.ListenerType:
			message := &listener.Listener{}
			must(proto.Unmarshal(any.Value, message))
			got.Names = append(got.Names, message.Name)
		}
	}
	slices.Sort(got.Names)
	slices.Sort(got.Services)
	return got
}

func write(what event) {
	must(json.NewEncoder(os.Stdout).Encode(what))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
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
