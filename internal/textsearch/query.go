package textsearch

import (
	"slices"
	"strings"
)

const (
	// maxTerms and maxTerm bound what a query may ask of the index.
	maxTerms = 6
	maxTerm  = 64
)

// Query is what somebody typed: terms, all of which a text must hold.
type Query struct {
	folder *Folder
	terms  [][]rune
}

// Query reads what somebody typed. Terms are parted by spaces; what is beyond
// the first six, or beyond 64 characters of a term, is left out.
func (f *Folder) Query(typed string) Query {
	q := Query{folder: f}
	for field := range strings.FieldsSeq(f.Fold(typed)) {
		term := []rune(strings.TrimFunc(field, func(r rune) bool { return kindOf(r) == other }))
		if len(term) == 0 || len(q.terms) == maxTerms {
			continue
		}
		q.terms = append(q.terms, term[:min(len(term), maxTerm)])
	}
	return q
}

// Empty says that nothing was typed that could be found.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Terms are the folded terms.
func (q Query) Terms() []string {
	all := make([]string, len(q.terms))
	for i, t := range q.terms {
		all[i] = string(t)
	}
	return all
}

// TSQuery is a tsquery that every text matches which holds the query, in the
// form that is cast to tsquery as it is.
func (q Query) TSQuery() string {
	var all []string
	for _, term := range q.terms {
		all = append(all, TermLexemes(term)...)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " & ")
}

// TermLexemes are the parts of the tsquery for one folded term.
func TermLexemes(term []rune) []string {
	var all []string
	for _, r := range runsOf(term) {
		all = append(all, r.lexemes()...)
	}
	return all
}

// Match says whether texts together hold every term.
func (q Query) Match(texts ...string) bool {
	all := make([]folded, len(texts))
	for i, t := range texts {
		all[i] = q.folder.fold(t)
	}
	for _, term := range q.terms {
		if !slices.ContainsFunc(all, func(f folded) bool { return find(f.runes, term, 0) >= 0 }) {
			return false
		}
	}
	return true
}

// find returns where a text holds a term from some place on, or -1. A term that
// begins like a word begins a word.
func find(text, term []rune, from int) int {
	for i := from; i+len(term) <= len(text); i++ {
		if text[i] != term[0] || !slices.Equal(text[i:i+len(term)], term) {
			continue
		}
		if wordly(term[0]) && i > 0 && wordly(text[i-1]) {
			continue
		}
		return i
	}
	return -1
}

// Patterns are regular expressions of Postgres, one for each term, which a text
// matches without regard to case when it holds the term: for texts without an
// index. Accents written as characters of their own are not seen.
func (q Query) Patterns() []string {
	all := make([]string, len(q.terms))
	for i, term := range q.terms {
		var b strings.Builder
		for _, r := range term {
			b.WriteByte('[')
			for _, one := range append([]rune{r}, q.folder.variants[r]...) {
				if strings.ContainsRune(`\]^-[`, one) {
					b.WriteByte('\\')
				}
				b.WriteRune(one)
			}
			b.WriteByte(']')
		}
		all[i] = b.String()
	}
	return all
}
