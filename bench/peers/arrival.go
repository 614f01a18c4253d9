package main

// waiting is an arrival under way.
type waiting struct {
	group       *group
	round, left int
	first, last int64
}

// pushed is called for every message to a stream that has its first answer.
func (g *generator) pushed(s *stream, resources int) error {
	w := &g.waiting
	if resources == 0 || w.left == 0 || s.group != w.group || s.round == w.round {
		return nil
	}
	s.round = w.round
	w.last = now()
	if w.left == w.group.size {
		w.first = w.last
	}
	w.left--
	if w.left > 0 {
		return nil
	}
	return answer(struct {
		First int64  `json:"first"`
		Last  int64  `json:"last"`
		Push  []byte `json:"push"`
	}{w.first, w.last, w.group.push})
}
