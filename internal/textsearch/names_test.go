package textsearch

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSurnameReadings(t *testing.T) {
	t.Parallel()
	r := NewReader()
	for name, want := range map[string]string{
		"曾国": "zeng guo", "单田": "shan tian", "仇英": "qiu ying", "查良": "zha liang", "翟天": "zhai tian", "朴树": "piao shu",
		"区块": "ou kuai", "尉迟恭": "yu chi gong", "万俟卨": "mo qi xie", "长孙无忌": "zhang sun wu ji", "令狐冲": "ling hu chong", "重庆": "chong qing",
	} {
		if got := r.SortKey(name, true); !strings.HasPrefix(got, want+" ") && !strings.HasPrefix(got, want) {
			t.Errorf("%s reads %q, want %q", name, got, want)
		}
	}
	if got := r.SortKey("单位", false); !strings.HasPrefix(got, "dan wei") {
		t.Errorf("an organisation reads %q", got)
	}
	if got := r.SortKey("驻重庆办事处", false); !strings.HasPrefix(got, "zhu chong qing") {
		t.Errorf("a word inside reads %q", got)
	}
}

func TestTermsOfTelephoneNumbers(t *testing.T) {
	t.Parallel()
	r := NewReader()
	for query, want := range map[string][]string{
		"011 98-76": {"01198-76"}, "xu  CY": {"xu", "cy"}, "xi'an": {"xian"}, " ": nil, "徐 12": {"徐", "12"},
	} {
		if got := r.Terms(query); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
}

// FuzzKeys: whatever a name is, it finds itself and its keys stay text that
// Postgres takes.
func FuzzKeys(f *testing.F) {
	for _, s := range []string{"徐崇宇", "José Müller", "a\x00b\n", "ﬁ ｘ", "\xff\xfe", "İstanbul", "尉迟恭", "%_\\", "1'2"} {
		f.Add(s)
	}
	r := NewReader()
	f.Fuzz(func(t *testing.T, name string) {
		k := r.Keys(Named{Person: true, Names: []string{name}, Phones: []string{name}})
		all := k.Text + k.Pinyin + k.Phone + k.Sort
		if strings.ContainsRune(all, 0) {
			t.Fatalf("keys of %q hold a zero: %q", name, all)
		}
		if utf8.ValidString(name) && !utf8.ValidString(all) {
			t.Fatalf("keys of %q are not text: %q", name, all)
		}
		if len(k.Pinyin) > 1<<20 {
			t.Fatalf("keys of %q take %d bytes", name, len(k.Pinyin))
		}
		if utf8.ValidString(name) && !strings.Contains(name, "'") && !k.Match(r.Terms(name)) {
			t.Fatalf("%q does not find itself by %q: %q", name, r.Terms(name), k.Text)
		}
	})
}
