package textsearch

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yunqiao/yunqiao/internal/label"
)

func TestWhatATextHolds(t *testing.T) {
	t.Parallel()
	f := NewFolder()
	for _, test := range []struct {
		typed, text string
		want        bool
	}{
		{"侨", "徐州市侨联", true},
		{"座谈会", "归侨座谈会三点开始", true},
		{"座谈会", "座谈以后开谈会", false},
		{"座談會", "归侨座谈会", true},
		{"座谈会", "歸僑座談會", true},
		{"後天", "我们后天见", true},
		{"zoom", "用 Zoom 开会", true},
		{"oom", "用 Zoom 开会", false},
		{"meet", "the Meeting room", true},
		{"JOSE", "José Müller", true},
		{"muller", "José Müller", true},
		{"ａｂｃ", "abc", true},
		{"A座", "在A座3楼", true},
		{"侨联 会议", "会议由侨联召开", true},
		{"侨联 纪要", "会议由侨联召开", false},
		{"2026", "2026年3月", true},
		{"026", "2026年3月", false},
		{"3月", "2026年3月", true},
		{"「侨」", "侨联", true},
		{"会 议", "会后再议", true},
	} {
		q := f.Query(test.typed)
		if got := q.Match(test.text); got != test.want {
			t.Errorf("%q holds %q: %v, want %v", test.text, test.typed, got, test.want)
		}
		if test.want && !candidate(q, f.Tokens(test.text)) {
			t.Errorf("%q is no candidate for %q: %q by %s", test.text, test.typed, f.Tokens(test.text), q.TSQuery())
		}
	}
}

// candidate evaluates the tsquery as Postgres would.
func candidate(q Query, tokens []string) bool {
	for part := range strings.SplitSeq(q.TSQuery(), " & ") {
		lexeme, prefix := strings.CutSuffix(part, ":*")
		lexeme = strings.NewReplacer("''", "'", `\\`, `\`).Replace(strings.TrimSuffix(strings.TrimPrefix(lexeme, "'"), "'"))
		if !slices.ContainsFunc(tokens, func(token string) bool {
			return token == lexeme || prefix && strings.HasPrefix(token, lexeme)
		}) {
			return false
		}
	}
	return true
}

func TestExcerptShowsTheHits(t *testing.T) {
	t.Parallel()
	f := NewFolder()
	show := func(pieces []Piece) string {
		var b strings.Builder
		for _, p := range pieces {
			if p.Hit {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		return b.String()
	}
	long := strings.Repeat("前", 40) + "歸僑座談會" + strings.Repeat("后", 200)
	for _, test := range []struct{ typed, text, want string }{
		{"侨", "徐州僑联，侨商", "徐州[僑]联，[侨]商"},
		{"归侨 座谈", long, "…" + strings.Repeat("前", 24) + "[歸僑座談]會" + strings.Repeat("后", 91) + "…"},
		{"jose", "José  said", "[José]  said"},
		{"没有", "别的", "别的"},
		{"x", "", ""},
	} {
		if got := show(f.Query(test.typed).Excerpt(test.text)); got != test.want {
			t.Errorf("%q in %q: %q, want %q", test.typed, test.text, got, test.want)
		}
	}
}

func TestPatternsKnowTheVariants(t *testing.T) {
	t.Parallel()
	p := NewFolder().Query("谈e]").Patterns()
	if len(p) != 1 || !strings.HasPrefix(p[0], "[谈") || !strings.Contains(p[0], "談") || !strings.Contains(p[0], "é") {
		t.Errorf("patterns %q", p)
	}
}

func TestQueriesAreBounded(t *testing.T) {
	t.Parallel()
	f := NewFolder()
	q := f.Query(strings.Repeat("侨 ", 50))
	if len(q.Terms()) != maxTerms {
		t.Errorf("%d terms", len(q.Terms()))
	}
	if q = f.Query(strings.Repeat("侨", 500)); len([]rune(q.Terms()[0])) != maxTerm {
		t.Errorf("a term of %d characters", len([]rune(q.Terms()[0])))
	}
	for _, nothing := range []string{"", "  ", "?!", "\x00", "。。"} {
		if !f.Query(nothing).Empty() {
			t.Errorf("%q asks for %q", nothing, f.Query(nothing).Terms())
		}
	}
}

// FuzzQuery: whatever is typed and written, nothing panics, what is made for
// Postgres is text, an excerpt is made of the text, and every text that holds
// the query is a candidate.
func FuzzQuery(f *testing.F) {
	for _, s := range [][2]string{
		{"侨", "僑联"},
		{"座谈会", "座談會"},
		{"a'b\\", "A'B\\c"},
		{"\xff", "x\xffy"},
		{"é", "e\u0301"},
		{"각", "\u1100\u1161\u11a8"},
		{"İ", "i"},
		{"ﬁ", "fi"},
		{"๑", "ก็"},
		{"A座", "spa座"},
		{"\u0301", "\u0301a"},
	} {
		f.Add(s[0], s[1])
	}
	folder := NewFolder()
	f.Fuzz(func(t *testing.T, typed, text string) {
		q, tokens := folder.Query(typed), folder.Tokens(text)
		for _, s := range append(tokens, q.TSQuery()) {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || len(s) > 64<<10 {
				t.Fatalf("%q is no text for Postgres", s)
			}
		}
		if !q.Empty() && q.Match(text) && !candidate(q, tokens) {
			t.Fatalf("%q holds %q but is no candidate: %q by %s", text, typed, tokens, q.TSQuery())
		}
		var b strings.Builder
		for _, p := range q.Excerpt(text) {
			b.WriteString(p.Text)
		}
		if got := strings.Trim(b.String(), "…"); !strings.Contains(valid(text), got) {
			t.Fatalf("excerpt %q is not of %q", got, text)
		}
	})
}

// TestWhatIsTheSame: whatever of the table stands in a name or is typed, the
// name is found: by the index, by the rule and by the patterns.
func TestWhatIsTheSame(t *testing.T) {
	t.Parallel()
	reader := NewReader()
	f := reader.Folder
	for _, same := range [][]string{
		{"Conan O'Brien", "conan o’brien", "O`Brien", "obrien", "CONAN OBRIEN"},
		{"D’Angelo", "d'angelo", "dangelo", "Dʼangelo"},
		{"Xi’an", "xi'an", "xian"},
		{"Đặng Thị", "dang thi", "đặng"},
		{"Łódź", "lodz", "łódź"},
		{"Søren Ærø", "soren", "søren", "aero"},
		{"Groß", "gross", "GROSS", "groß"},
		{"Işık", "isik", "ışık"},
		{"买买提·艾力", "买买提•艾力", "买买提・艾力", "买买提艾力", "艾力"},
		{"Jean-Luc", "jean‐luc", "jean–luc", "jeanluc"},
		{"座\u200b谈会", "座谈会"},
		{"座谈会", "座谈\u2060会"},
		{"王\ufeff伟民", "王伟民", "wangweimin"},
	} {
		name := same[0]
		keys := reader.Keys(Named{Person: true, Names: []string{name}})
		for _, typed := range same {
			terms := reader.Terms(typed)
			if !keys.Match(terms) {
				t.Errorf("the name %q is not found by %q: %q in %q", name, typed, terms, keys.Text)
			}
			if c := NamesQuery(terms); !namesCandidate(c, reader.Lexemes(keys)) {
				t.Errorf("the name %q is no candidate for %q: %s", name, typed, c)
			}
		}
		// In running text, dots and dashes part words, so that only spelling is the same.
		q := f.Query(same[1])
		if !strings.ContainsAny(name, "·-") && !q.Match("与"+name+"会谈") {
			t.Errorf("text with %q does not hold %q", name, same[1])
		}
	}
}

// namesCandidate evaluates a query of NamesQuery as Postgres would, for terms of
// text: every lexeme of one of the ways of each term.
func namesCandidate(query string, lexemes []string) bool {
	for term := range strings.SplitSeq(query, ") & (") {
		if !slices.ContainsFunc(strings.Split(term, " | "), func(way string) bool {
			for part := range strings.SplitSeq(way, " & ") {
				lexeme, isPrefix := strings.CutSuffix(strings.Trim(part, "()"), ":*")
				lexeme = strings.Trim(lexeme, "'")
				if !slices.ContainsFunc(lexemes, func(l string) bool { return l == lexeme || isPrefix && strings.HasPrefix(l, lexeme) }) {
					return false
				}
			}
			return true
		}) {
			return false
		}
	}
	return true
}

// FuzzSame: a name with any sign of the table, put in anywhere, is found by its
// own spelling, and by the spelling with another sign of the same kind.
func FuzzSame(f *testing.F) {
	signs := []rune(spelledLetters + sameMarks + "\u200b\u200d\u2060\ufeff\u00ad")
	for i := range signs {
		f.Add("Conan Brien", 6, i)
		f.Add("买买提艾力", 3, i)
		f.Add("", 0, i)
	}
	reader := NewReader()
	f.Fuzz(func(t *testing.T, name string, at, sign int) {
		runes := []rune(strings.ToValidUTF8(name, ""))
		if len(runes) > 60 || len(runes) > 0 && !wordly(runes[0]) && !han(runes[0]) || strings.ContainsFunc(name, unicode.IsSpace) {
			return
		}
		at = abs(at) % (len(runes) + 1)
		spelt := string(runes[:at]) + string(signs[abs(sign)%len(signs)]) + string(runes[at:])
		spelt, err := label.Required("name", spelt, 80)
		if err != nil {
			return
		}
		keys := reader.Keys(Named{Names: []string{spelt}})
		if terms := reader.Terms(spelt); !keys.Match(terms) {
			t.Fatalf("%q is not found by its own spelling: %q in %q", spelt, terms, keys.Text)
		}
		folded := reader.Fold(spelt)
		if again := reader.Fold(folded); again != folded {
			t.Fatalf("%q folds to %q, and that to %q", spelt, folded, again)
		}
	})
}

func abs(n int) int { return max(n, -n, 0) }
