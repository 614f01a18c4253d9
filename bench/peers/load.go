package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
)

// command is one line of the input. Each is answered by one line; arrival by one when it is ready and one at the end.
type command struct {
	// connect opens all streams, and ends when each has its first answer.
	// disconnect closes them.
	// reconnect opens them again with the versions they had, and ends when each has asked.
	// arrival waits until one push has reached each stream of the group.
	// count gives what came since the last count.
	Do     string `json:"do"`
	Port   int    `json:"port"`
	Mode   string `json:"mode"`
	AtOnce int    `json:"atOnce"`
	Groups []struct {
		ID      int      `json:"id"`
		Streams int      `json:"streams"`
		Names   []string `json:"names"`
	} `json:"groups"`
	Group int `json:"group"`
}

// group is the streams that ask for the same names.
type group struct {
	id    int
	names []string
	size  int
	// Of its first stream: the responses that made up the first answer, the newest push, and what it has.
	initial  [][]byte
	push     []byte
	versions map[string]string
}

// counts is what came.
type counts struct {
	Messages  int `json:"messages"`
	Resources int `json:"resources"`
	Bytes     int `json:"bytes"`
}

// generator holds all streams and serves them in one thread: a push costs one read and one write and nothing else.
type generator struct {
	epoll   int
	port    int
	mode    mode
	atOnce  int
	groups  []*group
	streams []*stream
	byFd    map[int]*stream
	// Those that are still to be opened are the last ones of streams; opening are those that are not ready yet.
	opened, opening int
	connecting      bool
	withVersions    bool
	waiting         waiting
	counts          counts
	buffer          []byte
	// Of large messages.
	spare [][]byte
}

func load() error {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(400)
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	g := &generator{epoll: epoll, buffer: make([]byte, 256<<10)}
	if err := g.watch(int(os.Stdin.Fd())); err != nil {
		return err
	}
	var input []byte
	events := make([]syscall.EpollEvent, 256)
	for {
		n, err := syscall.EpollWait(epoll, events, -1)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		for _, event := range events[:n] {
			if event.Fd != 0 {
				if err := g.receive(int(event.Fd)); err != nil {
					return err
				}
				continue
			}
			n, err := syscall.Read(0, g.buffer)
			if err != nil || n == 0 {
				return err
			}
			input = append(input, g.buffer[:n]...)
			if input, err = g.obey(input); err != nil {
				return err
			}
		}
		if err := g.open(); err != nil {
			return err
		}
	}
}

// obey does what the complete lines say and gives the rest back.
func (g *generator) obey(input []byte) ([]byte, error) {
	for at := 0; at < len(input); at++ {
		if input[at] != '\n' {
			continue
		}
		var next command
		if err := json.Unmarshal(input[:at], &next); err != nil {
			return nil, err
		}
		if err := g.do(next); err != nil {
			return nil, err
		}
		input, at = input[at+1:], -1
	}
	return input, nil
}

func (g *generator) do(next command) error {
	switch next.Do {
	case "connect":
		g.port, g.mode, g.atOnce = next.Port, mode(next.Mode), next.AtOnce
		for _, each := range next.Groups {
			made := &group{id: each.ID, names: each.Names, size: each.Streams, versions: map[string]string{}}
			g.groups = append(g.groups, made)
		}
		g.start(false)
		return nil
	case "disconnect":
		for _, s := range g.streams {
			if err := syscall.Close(s.fd); err != nil {
				return err
			}
		}
		g.streams, g.byFd = nil, nil
		return answer(struct{}{})
	case "reconnect":
		g.start(true)
		return nil
	case "arrival":
		for _, each := range g.groups {
			if each.id == next.Group {
				g.waiting = waiting{group: each, round: g.waiting.round + 1, left: each.size}
				return answer(struct{}{})
			}
		}
		return fmt.Errorf("no group %d", next.Group)
	case "count":
		came := g.counts
		g.counts = counts{}
		return answer(came)
	}
	return fmt.Errorf("unknown command %q", next.Do)
}

// start lets open() open all streams.
func (g *generator) start(withVersions bool) {
	g.streams, g.byFd = nil, map[int]*stream{}
	g.opened, g.opening, g.connecting, g.withVersions = 0, 0, true, withVersions
	// In turns, as they would come.
	for n, added := 0, true; added; n++ {
		added = false
		for _, each := range g.groups {
			if n < each.size {
				added = true
				g.streams = append(g.streams, &stream{group: each, first: n == 0, missing: len(each.names)})
			}
		}
	}
}

// open opens some of the streams that are still to be opened, and says when the last one is ready.
func (g *generator) open() error {
	for g.opened < len(g.streams) && g.opening < g.atOnce {
		s := g.streams[g.opened]
		if err := s.connect(g, g.opened); err != nil {
			return err
		}
		g.byFd[s.fd] = s
		if err := g.watch(s.fd); err != nil {
			return err
		}
		g.opened++
		g.opening++
	}
	if !g.connecting || g.opening > 0 {
		return nil
	}
	g.connecting = false
	type said struct {
		ID      int      `json:"id"`
		Initial [][]byte `json:"initial"`
	}
	var groups []said
	for _, each := range g.groups {
		groups = append(groups, said{each.id, each.initial})
		each.initial = nil
	}
	return answer(groups)
}

func (g *generator) watch(fd int) error {
	return syscall.EpollCtl(g.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

func (g *generator) receive(fd int) error {
	s := g.byFd[fd]
	if s == nil {
		// It was closed by a command of the same turn.
		return nil
	}
	n, err := syscall.Read(fd, g.buffer)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		return nil
	}
	if err != nil || n == 0 {
		return fmt.Errorf("the server closed a connection (%v)", err)
	}
	g.counts.Bytes += n
	return s.take(g, g.buffer[:n])
}

func answer(what any) error {
	line, err := json.Marshal(what)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(line, '\n'))
	return err
}
