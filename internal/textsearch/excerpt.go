package textsearch

import (
	"slices"
	"unicode/utf8"
)

// Piece is a part of an excerpt; a hit is what was searched for.
type Piece struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit,omitempty"`
}

// span is a part of a text, in bytes.
type span struct{ from, to int }

const (
	// before and excerptLength are characters around the first hit.
	before        = 24
	excerptLength = 120
)

// Excerpt returns the part of a text around its first hit, with all hits in it.
// Text without a hit gives its beginning.
func (q Query) Excerpt(text string) []Piece {
	f := q.folder.fold(text)
	hits := q.spans(f)
	text = valid(text)
	begin := 0
	if len(hits) > 0 {
		begin = back(text, hits[0].from, before)
	}
	end := forward(text, begin, excerptLength)
	var pieces []Piece
	add := func(s string, hit bool) {
		if s != "" {
			pieces = append(pieces, Piece{s, hit})
		}
	}
	if begin > 0 {
		add("…", false)
	}
	at := begin
	for _, h := range hits {
		from, to := max(at, min(h.from, end)), min(h.to, end)
		if to <= from {
			continue
		}
		add(text[at:from], false)
		add(text[from:to], true)
		at = to
	}
	add(text[at:end], false)
	if end < len(text) {
		add("…", false)
	}
	return pieces
}

// spans returns where the terms are, in order and joined where they touch.
func (q Query) spans(f folded) []span {
	var all []span
	for _, term := range q.terms {
		for i := find(f.runes, term, 0); i >= 0; i = find(f.runes, term, i+len(term)) {
			all = append(all, span{f.from[i], f.from[i+len(term)]})
		}
	}
	slices.SortFunc(all, func(a, b span) int { return a.from - b.from })
	var joined []span
	for _, s := range all {
		if n := len(joined); n > 0 && s.from <= joined[n-1].to {
			joined[n-1].to = max(joined[n-1].to, s.to)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// back and forward step over characters.
func back(text string, at, n int) int {
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return at
}

func forward(text string, at, n int) int {
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}
