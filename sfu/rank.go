package sfu

import "cmp"

// rank puts this stream of a picture among the others by their actual sizes, where
// their names do not tell the order: encoders call the largest "0" as well as the
// smallest, and list them in any order. Two that are the wrong way round change
// places; each is another generation then, which begins with a key frame.
func (in *inbound) rank() {
	for _, other := range in.encoding.track.layers {
		mine, its := in.encoding.size(), other.size()
		if mine == 0 || its == 0 || cmp.Compare(mine, its)*cmp.Compare(in.encoding.index, other.index) >= 0 {
			continue
		}
		in.trade(other)
	}
}

// trade lets the streams of two layers change places.
func (in *inbound) trade(b *encoding) {
	a := in.encoding
	for _, s := range in.all {
		switch s.encoding {
		case a:
			s.encoding = b
		case b:
			s.encoding = a
		}
	}
	atA, atB := a.content(), b.content()
	a.become(atB)
	b.become(atA)
	in.up.woken()
}

// content is which stream a layer is, and how large its picture.
type content struct {
	ssrc    uint32
	repeats bool
	height  int
}

func (e *encoding) content() content {
	e.mu.Lock()
	defer e.mu.Unlock()
	return content{e.ssrc, e.repeats, e.height}
}

func (e *encoding) size() int { return e.content().height }

func (e *encoding) become(c content) {
	e.bind(c.ssrc, c.repeats)
	e.mu.Lock()
	e.height = c.height
	e.mu.Unlock()
	e.wantKey.Store(true)
}
