package main

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

const eds = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"

// mode is the variant of the protocol.
type mode string

const delta mode = "delta"

func (m mode) path() string {
	if m == delta {
		return "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
	}
	return "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
}

func (m mode) firstRequest(id int, from *group, withVersions bool) []byte {
	node := appendText(nil, 1, fmt.Sprintf("bench-%d", id))
	node = appendText(node, 6, "envoy")
	if m != delta {
		request := protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), node)
		return appendText(appendNames(request, from), 4, eds)
	}
	request := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), node)
	request = appendNames(appendText(request, 2, eds), from)
	if withVersions {
		for name, version := range from.brought {
			entry := appendText(appendText(nil, 1, name), 2, version)
			request = protowire.AppendBytes(protowire.AppendTag(request, 5, protowire.BytesType), entry)
		}
	}
	return request
}

func (m mode) ack(from *group, what scanned) []byte {
	if m == delta {
		request := appendText(ackBuffer[:0], 2, eds)
		return protowire.AppendBytes(protowire.AppendTag(request, 6, protowire.BytesType), what.nonce)
	}
	request := protowire.AppendBytes(protowire.AppendTag(ackBuffer[:0], 1, protowire.BytesType), what.version)
	request = appendText(appendNames(request, from), 4, eds)
	return protowire.AppendBytes(protowire.AppendTag(request, 5, protowire.BytesType), what.nonce)
}

// One request at a time is made and sent.
var (
	ackBuffer   = make([]byte, 64<<10)
	frameBuffer = make([]byte, 64<<10)
)

func (m mode) scratch() []byte { return frameBuffer[:0] }

func appendText(to []byte, number protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(to, number, protowire.BytesType), value)
}

// appendNames appends the names asked for, which have the same number in both variants.
func appendNames(to []byte, from *group) []byte {
	for _, name := range from.names {
		to = appendText(to, 3, name)
	}
	return to
}

// scanned is what a client needs of a response: the numbers are the same in both variants.
type scanned struct {
	version, nonce []byte
	resources      int
}

// scan steps over the resources without a look into them.
func scan(response []byte) (found scanned, err error) {
	err = fields(response, func(number protowire.Number, value []byte) error {
		switch number {
		case 1:
			found.version = value
		case 2:
			found.resources++
		case 5:
			found.nonce = value
		}
		return nil
	})
	return found, err
}

// noteVersions notes the version of each resource in a response of delta.
func noteVersions(response []byte, versions map[string]string) error {
	return fields(response, func(number protowire.Number, value []byte) error {
		if number != 2 {
			return nil
		}
		var name, version string
		err := fields(value, func(number protowire.Number, value []byte) error {
			switch number {
			case 1:
				version = string(value)
			case 3:
				name = string(value)
			}
			return nil
		})
		versions[name] = version
		return err
	})
}

// fields steps over a message's length-delimited fields; in those that it is for there are no others.
func fields(message []byte, each func(protowire.Number, []byte) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 || kind != protowire.BytesType {
			return fmt.Errorf("an unexpected field: %d of type %d", number, kind)
		}
		value, m := protowire.ConsumeBytes(message[n:])
		if m < 0 {
			return protowire.ParseError(m)
		}
		if err := each(number, value); err != nil {
			return err
		}
		message = message[n+m:]
	}
	return nil
}
