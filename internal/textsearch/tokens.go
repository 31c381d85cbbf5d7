package textsearch

import (
	"slices"
	"strings"
)

// maxWord bounds the characters of a word that are kept in the index. What is
// longer is found by its beginning.
const maxWord = 64

// Tokens returns the lexemes under which texts are found: every Chinese
// character and pair of neighbours, and every word of other scripts. They are
// in order, without repetition.
func (f *Folder) Tokens(texts ...string) []string {
	all := []string{} // an empty list, where there is nothing: in Postgres that is not null
	for _, text := range texts {
		for _, run := range runsOf(f.fold(text).runes) {
			all = append(all, run.tokens()...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// run is a piece of text that is either Chinese or one word.
type run []rune

// runsOf parts text into its runs; what is neither is left out.
func runsOf(text []rune) []run {
	var runs []run
	for i := 0; i < len(text); {
		kind := kindOf(text[i])
		j := i + 1
		for j < len(text) && kindOf(text[j]) == kind {
			j++
		}
		if kind != other {
			runs = append(runs, text[i:j])
		}
		i = j
	}
	return runs
}

type kind int

const (
	other kind = iota
	chinese
	word
)

func kindOf(r rune) kind {
	switch {
	case han(r):
		return chinese
	case wordly(r):
		return word
	}
	return other
}

func (r run) chinese() bool { return han(r[0]) }

func (r run) word() string { return string(r[:min(len(r), maxWord)]) }

func (r run) tokens() []string {
	if !r.chinese() {
		return []string{r.word()}
	}
	all := make([]string, 0, 2*len(r))
	for i := range r {
		all = append(all, string(r[i:i+1]))
		if i+1 < len(r) {
			all = append(all, string(r[i:i+2]))
		}
	}
	return all
}

// lexemes returns what a text that holds the run has in its index, as parts of
// a tsquery. A word is known by its beginning.
func (r run) lexemes() []string {
	if !r.chinese() {
		return []string{Lexeme(r.word()) + ":*"}
	}
	if len(r) == 1 {
		return []string{Lexeme(string(r))}
	}
	var all []string
	for i := range len(r) - 1 {
		all = append(all, Lexeme(string(r[i:i+2])))
	}
	return all
}

// Lexeme quotes a lexeme for a tsquery.
func Lexeme(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) + "'"
}
