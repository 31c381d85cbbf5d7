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
		for _, r := range runsOf(term) {
			for _, lexeme := range r.queried() {
				all = append(all, quoted("", lexeme))
			}
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " & ")
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
		var parts []string
		for j := 0; j < len(term); j++ {
			part := q.anyOf(term[j])
			if j+1 < len(term) {
				if letters := q.folder.pairs[string(term[j:j+2])]; letters != nil { // ß for ss
					j++
					part = "(?:" + part + q.anyOf(term[j]) + "|" + class(letters) + ")"
				}
			}
			parts = append(parts, part)
		}
		all[i] = strings.Join(parts, unseenPattern)
	}
	return all
}

// unseenPattern matches the commonest marks that nobody sees.
const unseenPattern = `[\u00ad\u200b-\u200f\u2060\ufeff]*`

// anyOf matches what folds to a character.
func (q Query) anyOf(r rune) string {
	return class(append([]rune{r}, q.folder.variants[r]...))
}

func class(runes []rune) string {
	var b strings.Builder
	b.WriteByte('[')
	for _, one := range runes {
		if strings.ContainsRune(`\]^-[`, one) {
			b.WriteByte('\\')
		}
		b.WriteRune(one)
	}
	b.WriteByte(']')
	return b.String()
}
