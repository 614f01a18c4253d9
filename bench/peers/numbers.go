package main

import "google.golang.org/protobuf/encoding/protowire"

// The n-th change of a service gives one of its endpoints the weight firstNumber + n; all others have less.
const firstNumber = 1_000

// numbers tells of each resource in a response which change of it this is; 0 before the first. Most come to many streams: what
// has been read once is known by its version, which is that of its content. In SotW that is not told.
func (g *generator) numbers(from *group, response []byte, each func(place int, number int32)) error {
	return allFields(response, func(number protowire.Number, resource []byte, _ uint64) error {
		if number != 2 {
			return nil
		}
		var place int
		var made *history
		var version []byte
		if g.mode == delta {
			wrapper, err := readWrapper(resource)
			if err != nil {
				return err
			}
			var known bool
			if place, known = from.places[string(wrapper.name)]; !known {
				return nil
			}
			made, version, resource = from.histories[place], wrapper.version, wrapper.resource
			if number, known := made.versions[string(version)]; known {
				each(place, number)
				return nil
			}
		}
		value, err := field(resource, 2)
		if err != nil {
			return err
		}
		name, heaviest, err := assignmentNumber(value)
		if err != nil {
			return err
		}
		place, known := from.places[string(name)]
		if !known {
			return nil
		}
		found := int32(max(heaviest, firstNumber) - firstNumber)
		if made != nil {
			made.versions[string(version)] = found
		}
		each(place, found)
		return nil
	})
}

// wrapper is a Resource of a delta response.
type wrapper struct{ version, resource, name []byte }

func readWrapper(message []byte) (found wrapper, err error) {
	err = allFields(message, func(number protowire.Number, value []byte, _ uint64) error {
		switch number {
		case 1:
			found.version = value
		case 2:
			found.resource = value
		case 3:
			found.name = value
		}
		return nil
	})
	return found, err
}

// assignmentNumber is the largest weight of an endpoint in a ClusterLoadAssignment.
func assignmentNumber(message []byte) (name []byte, heaviest uint64, err error) {
	weight := func(number protowire.Number, value []byte, _ uint64) error {
		if number != 4 {
			return nil
		}
		return allFields(value, func(_ protowire.Number, _ []byte, value uint64) error {
			heaviest = max(heaviest, value)
			return nil
		})
	}
	locality := func(number protowire.Number, value []byte, _ uint64) error {
		if number != 2 {
			return nil
		}
		return allFields(value, weight)
	}
	err = allFields(message, func(number protowire.Number, value []byte, _ uint64) error {
		switch number {
		case 1:
			name = value
		case 2:
			return allFields(value, locality)
		}
		return nil
	})
	return name, heaviest, err
}

// field is the first length-delimited field with this number.
func field(message []byte, wanted protowire.Number) (found []byte, err error) {
	err = allFields(message, func(number protowire.Number, value []byte, _ uint64) error {
		if number == wanted && found == nil {
			found = value
		}
		return nil
	})
	return found, err
}

// allFields steps over a message's fields: what is length-delimited is given as bytes, a varint as a number.
func allFields(message []byte, each func(number protowire.Number, bytes []byte, varint uint64) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		var bytes []byte
		var varint uint64
		switch kind {
		case protowire.BytesType:
			bytes, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			varint, n = protowire.ConsumeVarint(message)
		default:
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := each(number, bytes, varint); err != nil {
			return err
		}
		message = message[n:]
	}
	return nil
}
