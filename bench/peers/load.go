package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
)

// command is one line of the input. Each is answered by one line; arrival by one when it is ready and one at the end.
type command struct {
	// connect opens the streams of these groups, and ends when each has its first answer.
	// disconnect closes those of the groups named in of, or all.
	// reconnect opens these again, and ends when each has so many resources; with none to expect, when it has asked.
	// arrival waits until one push has reached each stream of the group.
	// count gives what came to the groups named in of, or all, since the last count.
	// staleness gives how old what came was, since it was last asked: see staleness.go.
	// hold stops reading what comes to the groups named in of; resume goes on.
	Do     string `json:"do"`
	Port   int    `json:"port"`
	Mode   string `json:"mode"`
	AtOnce int    `json:"atOnce"`
	Groups []struct {
		ID      int      `json:"id"`
		Streams int      `json:"streams"`
		Names   []string `json:"names"`
	} `json:"groups"`
	// Whether the numbers of changes are read from what comes.
	Follow   bool             `json:"follow"`
	Group    int              `json:"group"`
	Of       []int            `json:"of"`
	Versions bool             `json:"versions"`
	Expect   int              `json:"expect"`
	Changes  []numberedChange `json:"changes"`
	Keep     bool             `json:"keep"`
}

// group is the streams that ask for the same names.
type group struct {
	id    int
	names []string
	size  int
	// The place of each name in names, and the changes of each; only where they are followed.
	places    map[string]int
	histories []*history
	// Of its first stream: the responses that made up the first answer, the newest push, and what it has.
	initial  [][]byte
	push     []byte
	versions map[string]string
	// The versions it had when its streams began to come back.
	brought map[string]string
	counts  counts
}

// counts is what came.
type counts struct {
	Messages  int `json:"messages"`
	Resources int `json:"resources"`
	Bytes     int `json:"bytes"`
}

func (c *counts) add(other counts) {
	c.Messages += other.Messages
	c.Resources += other.Resources
	c.Bytes += other.Bytes
}

// generator holds all streams and serves them in one thread: a push costs one read and one write and nothing else.
type generator struct {
	epoll     int
	port      int
	mode      mode
	groups    []*group
	byFd      map[int]*stream
	opening   opening
	waiting   waiting
	follow    bool
	following following
	buffer    []byte
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
	g := &generator{epoll: epoll, byFd: map[int]*stream{}, buffer: make([]byte, 256<<10)}
	if err := g.watch(int(os.Stdin.Fd()), syscall.EPOLL_CTL_ADD, syscall.EPOLLIN); err != nil {
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
				if err := g.receive(int(event.Fd), event.Events); err != nil {
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
		g.port, g.mode, g.follow = next.Port, mode(next.Mode), next.Follow
		for _, each := range next.Groups {
			made := &group{id: each.ID, names: each.Names, size: each.Streams, versions: map[string]string{}}
			if g.follow {
				g.following.know(made)
			}
			g.groups = append(g.groups, made)
		}
		g.start(next)
		return nil
	case "disconnect":
		if err := g.leave(next.Of); err != nil {
			return err
		}
		return answer(struct{}{})
	case "reconnect":
		g.start(next)
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
		var came counts
		for _, each := range g.groups {
			if each.in(next.Of) {
				came.add(each.counts)
				each.counts = counts{}
			}
		}
		return answer(came)
	case "staleness":
		return answer(g.staleness(next))
	case "hold":
		return g.hold(next.Of, syscall.EPOLL_CTL_DEL)
	case "resume":
		return g.hold(next.Of, syscall.EPOLL_CTL_ADD)
	}
	return fmt.Errorf("unknown command %q", next.Do)
}

func (g *generator) watch(fd, how int, events uint32) error {
	return syscall.EpollCtl(g.epoll, how, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)})
}

// hold stops or goes on reading. What the server does with those that do not read is for it to say: it may end them.
func (g *generator) hold(of []int, how int) error {
	for _, s := range g.byFd {
		if !s.group.in(of) {
			continue
		}
		s.held = true
		if err := g.watch(s.fd, how, syscall.EPOLLIN); err != nil {
			return err
		}
	}
	return answer(struct{}{})
}

func (g *generator) receive(fd int, events uint32) error {
	s := g.byFd[fd]
	if s == nil {
		// It was closed by a command of the same turn.
		return nil
	}
	if events&syscall.EPOLLOUT != 0 {
		return s.connected(g)
	}
	n, err := syscall.Read(fd, g.buffer)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		return nil
	}
	if err != nil || n == 0 {
		err = fmt.Errorf("the server closed a connection (%v)", err)
	} else {
		s.group.counts.Bytes += n
		err = s.take(g, g.buffer[:n])
	}
	if err != nil && s.held {
		g.following.ended++
		return g.forget(s)
	}
	return err
}

// in is whether it is one of these, which none means all of.
func (from *group) in(ids []int) bool { return len(ids) == 0 || slices.Contains(ids, from.id) }

func answer(what any) error {
	line, err := json.Marshal(what)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(line, '\n'))
	return err
}
