package main

import (
	"encoding/binary"
	"fmt"
)

const (
	frameData     = 0
	frameHeaders  = 1
	frameReset    = 3
	frameSettings = 4
	framePing     = 6
	frameGoAway   = 7
	frameWindow   = 8

	flagAck        = 1
	flagEndStream  = 1
	flagEndHeaders = 4
	flagPadded     = 8

	frameHeader = 9
	grpcHeader  = 5
	maxFrame    = 16 << 10
	maxWindow   = 1<<31 - 1
	// What a server must take without having said so. It is not counted: a request is only sent when one was answered.
	firstWindow = 64<<10 - 1
	// Larger buffers are for the next stream after the message.
	keptBuffer = 64 << 10
)

func appendFrame(to []byte, kind, flags byte, stream uint32, payload []byte) []byte {
	return append(appendFrameHeader(to, len(payload), kind, flags, stream), payload...)
}

func appendFrameHeader(to []byte, length int, kind, flags byte, stream uint32) []byte {
	to = append(to, byte(length>>16), byte(length>>8), byte(length), kind, flags)
	return binary.BigEndian.AppendUint32(to, stream)
}

// appendMessage appends the DATA frames of a gRPC message.
func appendMessage(to []byte, message []byte) ([]byte, error) {
	if len(message)+grpcHeader > firstWindow {
		return nil, fmt.Errorf("a request of %d bytes is more than the server must take", len(message))
	}
	n := min(len(message), maxFrame-grpcHeader)
	to = appendFrameHeader(to, grpcHeader+n, frameData, 0, 1)
	to = append(to, 0)
	to = binary.BigEndian.AppendUint32(to, uint32(len(message)))
	to = append(to, message[:n]...)
	for message = message[n:]; len(message) > 0; message = message[n:] {
		n = min(len(message), maxFrame)
		to = appendFrame(to, frameData, 0, 1, message[:n])
	}
	return to, nil
}

// headerBlock is HPACK with the static table and plain literals (RFC 7541, 6.1 and 6.2.2).
func headerBlock(path, group string) []byte {
	block := []byte{0x83, 0x86, 0x04}
	text := func(value string) {
		block = append(block, byte(len(value)))
		block = append(block, value...)
	}
	text(path)
	block = append(block, 0x01)
	text("127.0.0.1")
	for _, each := range [][2]string{{"content-type", "application/grpc"}, {"te", "trailers"}, {"x-group", group}} {
		block = append(block, 0)
		text(each[0])
		text(each[1])
	}
	return block
}
