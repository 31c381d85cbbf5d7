package strictjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/yunqiao/yunqiao/internal/strictjson"
)

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"王"`:                    "王",
		`"\ud83d\ude80"`:         "🚀",
		`"\ufffd"`:               "\ufffd", // somebody may mean it
		` "a" `:                  "a",
		`"\ud83d"`:               "",
		`"\ude80\ud83d"`:         "",
		`"\ud83d\u0041"`:         "",
		"\"\xff\"":               "",
		"\"\xed\xa0\x80\"":       "",
		`"a" "b"`:                "",
		`"a`:                     "",
		strings.Repeat("[", 1e5): "",
		"\ufeff\"a\"":            "",
	} {
		var got string
		err := strictjson.Unmarshal([]byte(text), &got)
		if (err == nil) != (want != "") || got != want {
			t.Errorf("%.20q is %q, %v", text, got, err)
		}
		if want == "" && !errors.Is(err, strictjson.ErrInvalid) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// FuzzCheck: what passes is decoded to text that holds no replaced character
// but those that were written.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{`"\ud83d\ude80"`, `"\ud83d"`, `{"a":"\ude80"}`, "\"\xff\"", `[1e999,{"a":1,"a":2}]`, `"\ufffd"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if strictjson.Check(data) != nil {
			return
		}
		var text string
		if json.Unmarshal(data, &text) != nil {
			return
		}
		written := strings.Count(string(data), "\ufffd") + strings.Count(strings.ToLower(string(data)), `\ufffd`)
		if n := strings.Count(text, "\ufffd"); n > written {
			t.Fatalf("%q decodes to %q", data, text)
		}
	})
}
