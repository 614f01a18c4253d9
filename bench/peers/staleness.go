package main

import "slices"

// following is what came in streams that are followed, until it is asked for.
type following struct {
	histories  map[string]*history
	deliveries []delivery
	took       []int64
	// How many held streams the server ended.
	ended int
}

// history is when the changes of a service were made, in their order: the n-th is numbered n.
type history struct {
	at []int64
	// The number of each state that has come, by its version.
	versions map[string]int32
}

// numberedChange is told after it was made.
type numberedChange struct {
	Name string `json:"name"`
	At   int64  `json:"at"`
}

// delivery is a service's state that reached a stream: with all changes up to a number.
type delivery struct {
	stream *stream
	place  int32
	number int32
	at     int64
	// Of the first answer, which tells nothing of how long a change took.
	first bool
}

func (f *following) know(from *group) {
	if f.histories == nil {
		f.histories = map[string]*history{}
	}
	from.places = make(map[string]int, len(from.names))
	for place, name := range from.names {
		from.places[name] = place
		if f.histories[name] == nil {
			f.histories[name] = &history{versions: map[string]int32{}}
		}
		from.histories = append(from.histories, f.histories[name])
	}
}

func (g *generator) followed(s *stream, response []byte) error {
	at := now()
	if s.ready {
		s.pushes++
	}
	return g.numbers(s.group, response, func(place int, number int32) {
		g.following.deliveries = append(g.following.deliveries, delivery{s, int32(place), number, at, !s.ready})
	})
}

// ages is how long the changes took: for each change and each stream that wants it, the time from the change until the
// stream has that state or a newer one. In milliseconds.
type ages struct {
	Samples int     `json:"samples"`
	P50     float64 `json:"p50"`
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
	// How many pushes there were, and the most that one stream got.
	Pushes int `json:"pushes"`
	Most   int `json:"most"`
	// How many states are missing: services of streams that have not their newest state.
	Behind int `json:"behind"`
	Ended  int `json:"ended"`
}

// staleness takes in the changes made since it was last asked. What it has found is forgotten then, unless it is to be kept.
func (g *generator) staleness(asked command) ages {
	f := &g.following
	for _, each := range asked.Changes {
		if known := f.histories[each.Name]; known != nil {
			known.at = append(known.at, each.At)
		}
	}
	for _, each := range f.deliveries {
		from := each.stream.group
		made := from.histories[each.place].at
		counts := !each.first && from.in(asked.Of)
		reached := &each.stream.reached[each.place]
		for ; *reached < min(each.number, int32(len(made))); *reached++ {
			if counts {
				f.took = append(f.took, each.at-made[*reached])
			}
		}
	}
	f.deliveries = f.deliveries[:0]
	found := ages{Samples: len(f.took), Ended: f.ended}
	for _, s := range g.byFd {
		if !s.group.in(asked.Of) {
			continue
		}
		found.Pushes += s.pushes
		found.Most = max(found.Most, s.pushes)
		for place, reached := range s.reached {
			if int(reached) < len(s.group.histories[place].at) {
				found.Behind++
			}
		}
	}
	if len(f.took) > 0 {
		slices.Sort(f.took)
		at := func(share float64) float64 { return float64(f.took[int(share*float64(len(f.took)-1))]) / 1e6 }
		found.P50, found.P99, found.Max = at(0.5), at(0.99), at(1)
	}
	if !asked.Keep {
		f.took = f.took[:0]
		for _, s := range g.byFd {
			s.pushes = 0
		}
	}
	return found
}
