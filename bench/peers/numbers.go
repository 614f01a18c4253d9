package main

import "google.golang.org/protobuf/encoding/protowire"

// The n-th change of a service gives one of its endpoints the weight firstNumber + n; all others have less.
const firstNumber = 1_000

// numbers tells of each resource in a response which change of it this is; 0 before the first.
func (m mode) numbers(response []byte, each func(name []byte, number int32)) error {
	return allFields(response, func(number protowire.Number, resource []byte, _ uint64) error {
		if number != 2 {
			return nil
		}
		if m == delta {
			wrapped, err := field(resource, 2)
			if err != nil {
				return err
			}
			resource = wrapped
		}
		value, err := field(resource, 2)
		if err != nil {
			return err
		}
		name, heaviest, err := assignmentNumber(value)
		if err != nil {
			return err
		}
		each(name, int32(max(heaviest, firstNumber)-firstNumber))
		return nil
	})
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
