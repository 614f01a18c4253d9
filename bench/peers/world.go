package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"

	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// assignment is one service's endpoints, ready to be served.
type assignment = *endpoint.ClusterLoadAssignment

// world is what there is to serve: the very resources that Fingerpost sent in the same case.
type world struct {
	assignments map[string]assignment
	// The two states of each service that changes, by what the change is called: the n-th change brings state n % 2.
	changes map[string][2]assignment
}

// recording is what Fingerpost's streams were sent: the first answers, and then the pushes for two changes.
type recording struct {
	Mode    string              `json:"mode"`
	Initial map[string][][]byte `json:"initial"`
	Pushes  map[string][][]byte `json:"pushes"`
}

func readWorld(path string) (*world, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var from recording
	if err := json.Unmarshal(text, &from); err != nil {
		return nil, err
	}
	made := &world{assignments: map[string]assignment{}, changes: map[string][2]assignment{}}
	for _, responses := range from.Initial {
		for _, bytes := range responses {
			found, err := assignmentsIn(from.Mode, bytes)
			if err != nil {
				return nil, err
			}
			for _, each := range found {
				made.assignments[each.GetClusterName()] = each
			}
		}
	}
	for what, responses := range from.Pushes {
		var states [2]assignment
		if len(responses) != len(states) {
			return nil, fmt.Errorf("%s: %d pushes of %q, not 2", path, len(responses), what)
		}
		for n, bytes := range responses {
			found, err := assignmentsIn(from.Mode, bytes)
			if err != nil {
				return nil, err
			}
			if len(found) != 1 {
				return nil, fmt.Errorf("%s: a push of %q has %d resources, not 1", path, what, len(found))
			}
			states[n] = found[0]
		}
		if proto.Equal(states[0], states[1]) {
			return nil, fmt.Errorf("%s: a change of %q changes nothing", path, what)
		}
		made.changes[what] = states
	}
	return made, nil
}

func assignmentsIn(mode string, bytes []byte) ([]assignment, error) {
	var resources []*anypb.Any
	if mode == "delta" {
		var response discovery.DeltaDiscoveryResponse
		if err := proto.Unmarshal(bytes, &response); err != nil {
			return nil, err
		}
		for _, each := range response.GetResources() {
			resources = append(resources, each.GetResource())
		}
	} else {
		var response discovery.DiscoveryResponse
		if err := proto.Unmarshal(bytes, &response); err != nil {
			return nil, err
		}
		resources = response.GetResources()
	}
	var found []assignment
	for _, each := range resources {
		var one endpoint.ClusterLoadAssignment
		if err := each.UnmarshalTo(&one); err != nil {
			return nil, err
		}
		found = append(found, &one)
	}
	return found, nil
}

// numbered is the service's state after its n-th change.
func (w *world) numbered(service string, n int) assignment {
	next := proto.Clone(w.assignments[service]).(assignment)
	weight := wrapperspb.UInt32(uint32(firstNumber + n))
	next.GetEndpoints()[0].GetLbEndpoints()[0].LoadBalancingWeight = weight
	return next
}

// byName is every service's endpoints, as go-control-plane takes them.
func (w *world) byName() map[string]types.Resource {
	resources := make(map[string]types.Resource, len(w.assignments))
	for name, each := range w.assignments {
		resources[name] = each
	}
	return resources
}

// sorted is the same as a list that is in the same order each time.
func (w *world) sorted() []types.Resource {
	resources := make([]types.Resource, 0, len(w.assignments))
	for _, each := range w.assignments {
		resources = append(resources, each)
	}
	sort.Slice(resources, func(i, j int) bool {
		return resources[i].(assignment).GetClusterName() < resources[j].(assignment).GetClusterName()
	})
	return resources
}
