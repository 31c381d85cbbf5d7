package notify

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestLinksEndWhereAReaderSeesThemEnd: the client's test reads the same cases.
func TestLinksEndWhereAReaderSeesThemEnd(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/links.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Text  string
		Links []string
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		got := []string{}
		for _, l := range links(c.Text) {
			got = append(got, c.Text[l[0]:l[1]])
		}
		if !slices.Equal(got, c.Links) {
			t.Errorf("links of %q: %q, want %q", c.Text, got, c.Links)
		}
	}
}

func TestARobotIsToldLinksThatWork(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"见https://example.org/a_b#c（备用）*急*":  "见[https://example.org/a＿b＃c](https://example.org/a_b#c)（备用）＊急＊",
		"[here](https://example.org/x) @all": "［here］([https://example.org/x](https://example.org/x)) ＠all",
		"https://example.org/a(b)c":          "https://example.org/a(b)c",
	} {
		if got := markdownOf(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
