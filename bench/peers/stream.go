package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"syscall"
)

// stream is one connection with one gRPC stream, with just as much HTTP/2 as that needs. The windows are opened once as far
// as they go.
type stream struct {
	group *group
	// The first of its group: what it gets is kept.
	first bool
	id    int
	fd    int
	// It was here before, and brings the versions that its group has if withVersions.
	returning, withVersions bool
	missing                 int
	ready                   bool
	// It is or was not read: the server may have ended it.
	held bool
	// How many changes of each of the group's names it has, and how many pushes it got; only where they are followed.
	reached []int32
	pushes  int
	// The arrival that last reached it.
	round int

	// The frame that is being read: its header as far as it came, and how much of its payload is to come.
	header    [frameHeader]byte
	headerLen int
	left      int
	// The payloads of the DATA frames, as far as no message is complete; and that of any other frame.
	data, other []byte
}

// connect begins to connect; connected is called when that is done.
func (s *stream) connect(g *generator) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	s.fd = fd
	if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
		return err
	}
	err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: g.port, Addr: [4]byte{127, 0, 0, 1}})
	if err != nil && !errors.Is(err, syscall.EINPROGRESS) {
		return err
	}
	return nil
}

// connected asks.
func (s *stream) connected(g *generator) error {
	if code, err := syscall.GetsockoptInt(s.fd, syscall.SOL_SOCKET, syscall.SO_ERROR); err != nil || code != 0 {
		return fmt.Errorf("the server cannot be reached (%v, %v)", syscall.Errno(code), err)
	}
	if err := g.watch(s.fd, syscall.EPOLL_CTL_MOD, syscall.EPOLLIN); err != nil {
		return err
	}
	settings := make([]byte, 12)
	settings[1] = 2 // no push
	settings[7] = 4 // a stream's window
	binary.BigEndian.PutUint32(settings[8:], maxWindow)
	bytes := []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	bytes = appendFrame(bytes, frameSettings, 0, 0, settings)
	bytes = appendFrame(bytes, frameWindow, 0, 0, binary.BigEndian.AppendUint32(nil, maxWindow-firstWindow))
	bytes = appendFrame(bytes, frameHeaders, flagEndHeaders, 1, headerBlock(g.mode.path(), strconv.Itoa(s.group.id)))
	bytes, err := appendMessage(bytes, g.mode.firstRequest(s.id, s.group, s.withVersions))
	if err != nil {
		return err
	}
	return s.write(bytes)
}

// write fails if the kernel does not take it at once: then the server does not read.
func (s *stream) write(bytes []byte) error {
	n, err := syscall.Write(s.fd, bytes)
	if err != nil {
		return err
	}
	if n < len(bytes) {
		return errors.New("the server does not read")
	}
	return nil
}

// take takes what came from the connection.
func (s *stream) take(g *generator, bytes []byte) error {
	for len(bytes) > 0 {
		if s.headerLen < frameHeader {
			n := copy(s.header[s.headerLen:], bytes)
			s.headerLen += n
			bytes = bytes[n:]
			if s.headerLen < frameHeader {
				return nil
			}
			s.left = int(s.header[0])<<16 | int(s.header[1])<<8 | int(s.header[2])
		}
		n := min(s.left, len(bytes))
		if s.header[3] == frameData {
			s.data = append(g.roomFor(s.data, bytes[:n]), bytes[:n]...)
		} else {
			s.other = append(s.other, bytes[:n]...)
		}
		s.left -= n
		bytes = bytes[n:]
		if s.left > 0 {
			return nil
		}
		s.headerLen = 0
		if err := s.frame(g, s.header[3], s.header[4]); err != nil {
			return err
		}
		s.other = s.other[:0]
	}
	return nil
}

func (s *stream) frame(g *generator, kind, flags byte) error {
	switch {
	case kind == frameData && flags&flagPadded == 0:
		if err := s.messages(g); err != nil {
			return err
		}
	case kind == frameSettings && flags&flagAck == 0:
		if err := s.write(appendFrame(nil, frameSettings, flagAck, 0, nil)); err != nil {
			return err
		}
		if s.returning && s.missing == 0 {
			s.becomeReady(g)
		}
	case kind == framePing && flags&flagAck == 0:
		return s.write(appendFrame(nil, framePing, flagAck, 0, s.other))
	case kind == frameGoAway, kind == frameReset, kind == frameHeaders && flags&flagEndStream != 0, kind == frameData:
		return fmt.Errorf("the server ended a stream: frame %d, flags %d: %q", kind, flags, s.other)
	}
	return nil
}

func (s *stream) messages(g *generator) error {
	rest := s.data
	for len(rest) >= grpcHeader {
		end := grpcHeader + int(binary.BigEndian.Uint32(rest[1:]))
		if len(rest) < end {
			break
		}
		if err := s.message(g, rest[grpcHeader:end]); err != nil {
			return err
		}
		rest = rest[end:]
	}
	if len(rest) == 0 && cap(s.data) > keptBuffer {
		g.spare = append(g.spare, s.data[:0])
		s.data = nil
	} else {
		s.data = s.data[:copy(s.data, rest)]
	}
	return nil
}

// message ACKs a response first and then looks at what it means.
func (s *stream) message(g *generator, bytes []byte) error {
	scanned, err := scan(bytes)
	if err != nil {
		return err
	}
	ack, err := appendMessage(g.mode.scratch(), g.mode.ack(s.group, scanned))
	if err != nil {
		return err
	}
	if err := s.write(ack); err != nil {
		return err
	}
	s.group.counts.Messages++
	s.group.counts.Resources += scanned.resources
	if s.first && g.mode == delta {
		if err := noteVersions(bytes, s.group.versions); err != nil {
			return err
		}
	}
	if g.follow {
		if err := g.followed(s, bytes); err != nil {
			return err
		}
	}
	if s.ready {
		if s.first {
			s.group.push = append(s.group.push[:0], bytes...)
		}
		return g.pushed(s, scanned.resources)
	}
	if s.first && !s.returning {
		s.group.initial = append(s.group.initial, append([]byte(nil), bytes...))
	}
	s.missing -= scanned.resources
	if s.missing <= 0 {
		s.becomeReady(g)
	}
	return nil
}

func (s *stream) becomeReady(g *generator) {
	if s.ready {
		return
	}
	s.ready = true
	g.opening.underWay--
	g.opening.last = now()
}

// roomFor gives the beginning of a message, with room for what follows. A large message gets room for all of it at once,
// where another one was before if there is one.
func (g *generator) roomFor(begun, next []byte) []byte {
	if len(begun)+len(next) <= cap(begun) {
		return begun
	}
	header := next
	if len(begun) > 0 {
		header = begun
	}
	if len(header) < grpcHeader {
		return begun
	}
	size := max(grpcHeader+int(binary.BigEndian.Uint32(header[1:])), len(begun)+len(next))
	if size <= keptBuffer {
		return begun
	}
	if last := len(g.spare) - 1; last >= 0 && cap(g.spare[last]) >= size {
		found := g.spare[last]
		g.spare = g.spare[:last]
		return append(found, begun...)
	}
	return append(make([]byte, 0, size), begun...)
}
