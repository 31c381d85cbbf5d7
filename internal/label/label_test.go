package label_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func TestWhatMayBeAName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"王伟民":                      "王伟民",
		"  Ana \u3000 Torres ":     "Ana Torres",
		"王\u200b伟\u2060民\ufeff":    "王伟民",
		"王\u200d伟民":                "王伟民",
		"Jose\u0301":               "José",
		"👩\u200d🚀 小组":              "👩\u200d🚀 小组",
		"می\u200cخواهم":            "می\u200cخواهم",
		`Robert "Bob" O'Neil\`:     `Robert "Bob" O'Neil\`,
		"❤\ufe0f":                  "❤\ufe0f",
		"\u200b":                   "",
		"\u3164\u2800 \u115f":      "",
		"\u00ad\u200d":             "",
		"…":                        "…",
		strings.Repeat("长", 80):    strings.Repeat("长", 80),
		"a\u0300\u0301" + "\u034f": "à\u0301",
	} {
		got, err := label.Optional("name", text, 80)
		if err != nil || got != want {
			t.Errorf("%q is kept as %q (%v), want %q", text, got, err, want)
		}
		if _, err := label.Required("name", text, 80); (err == nil) != (want != "") {
			t.Errorf("%q as a name that is needed: %v", text, err)
		}
	}
	for _, text := range []string{
		"a\nb", "a\x00", "a\u202eexe.gpj", "\u2066x", "x\u200f", "x\u061c", "a\u2028b", "\xff", "\xed\xa0\x80", strings.Repeat("长", 81), "\x7f",
	} {
		if got, err := label.Optional("name", text, 80); problem.Code(err) != "invalid" || !strings.Contains(err.Error(), "name") {
			t.Errorf("%q is taken as %q: %v", text, got, err)
		}
	}
}

func TestAlike(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"王伟民", "王\u200b伟民"}, {"Ana Torres", "АnаTоrrеs"}, {"Lin Yue", "LIN  YUE"}, {"Ａｎａ", "ana"}, {"paypal", "pаypаl"},
	} {
		if !label.Alike(pair[0], pair[1]) {
			t.Errorf("%q and %q look alike", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"王伟民", "王伟"}, {"Ana", "Anna"}, {"李明", "李名"}} {
		if label.Alike(pair[0], pair[1]) {
			t.Errorf("%q and %q do not look alike", pair[0], pair[1])
		}
	}
}

// FuzzName: what is kept is clean, and is kept as it is when it comes again.
func FuzzName(f *testing.F) {
	for _, s := range []string{"王\u200b伟民", "👩\u200d🚀", "a\u0300\u0301\u034f", "\u1100\u1161\u11a8", "x \u2003 y", "\xff", "\u3164", "ﷺ", "ي\u200cي"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kept, err := label.Optional("name", text, 80)
		if err != nil {
			return
		}
		if !utf8.ValidString(kept) || !norm.NFC.IsNormalString(kept) || utf8.RuneCountInString(kept) > 80 {
			t.Fatalf("%q is kept as %q", text, kept)
		}
		again, err := label.Optional("name", kept, 80)
		if err != nil || again != kept {
			t.Fatalf("%q is kept as %q, and that as %q (%v)", text, kept, again, err)
		}
		if kept != "" && !label.Alike(text, kept) {
			t.Fatalf("%q is kept as %q, which looks otherwise", text, kept)
		}
	})
}
