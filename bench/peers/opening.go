package main

import (
	"maps"
	"syscall"
)

// opening is what is to be opened.
type opening struct {
	asked  bool
	atOnce int
	// What is still to be opened, and how many are that are not ready yet.
	streams  []*stream
	underWay int
	// When the newest one became ready.
	last int64
}

// start lets open() open the streams of the groups.
func (g *generator) start(asked command) {
	g.opening = opening{asked: true, atOnce: asked.AtOnce}
	for _, each := range g.groups {
		each.brought = maps.Clone(each.versions)
	}
	// In turns, as they would come.
	for n, added := 0, true; added; n++ {
		added = false
		for _, each := range g.groups {
			if n >= each.size || !each.in(asked.Of) {
				continue
			}
			added = true
			made := &stream{group: each, first: n == 0, id: each.id*100_000 + n, missing: len(each.names)}
			if asked.Do == "reconnect" {
				made.returning, made.withVersions = true, asked.Versions
				if asked.Versions {
					made.missing = asked.Expect
				}
			}
			if g.follow {
				made.reached = make([]int32, len(each.names))
			}
			g.opening.streams = append(g.opening.streams, made)
		}
	}
}

// open opens some of the streams that are still to be opened, and says when the last one is ready.
func (g *generator) open() error {
	o := &g.opening
	for len(o.streams) > 0 && o.underWay < o.atOnce {
		s := o.streams[0]
		o.streams = o.streams[1:]
		if err := s.connect(g); err != nil {
			return err
		}
		g.byFd[s.fd] = s
		if err := g.watch(s.fd, syscall.EPOLL_CTL_ADD, syscall.EPOLLIN|syscall.EPOLLOUT); err != nil {
			return err
		}
		o.underWay++
	}
	if !o.asked || o.underWay > 0 {
		return nil
	}
	o.asked = false
	type said struct {
		ID      int      `json:"id"`
		Initial [][]byte `json:"initial"`
	}
	groups := []said{}
	for _, each := range g.groups {
		groups = append(groups, said{each.id, each.initial})
		each.initial = nil
	}
	return answer(struct {
		Groups []said `json:"groups"`
		Last   int64  `json:"last"`
	}{groups, o.last})
}

// leave closes the streams of the groups.
func (g *generator) leave(of []int) error {
	for _, s := range g.byFd {
		if !s.group.in(of) {
			continue
		}
		if err := g.forget(s); err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) forget(s *stream) error {
	delete(g.byFd, s.fd)
	return syscall.Close(s.fd)
}
