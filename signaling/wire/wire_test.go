package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write examples that are missing")

// Every message has one example in testdata, which the client's tests read, too.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"client", "server"} {
		types := ClientTypes()
		if side == "server" {
			types = ServerTypes()
		}
		for _, typ := range types {
			t.Run(side+"-"+typ, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join("testdata", side+"-"+typ+".json")
				if *update {
					writeExample(t, path, side, typ)
				}
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatalf("message has no example (run with -update): %v", err)
				}
				if again := recode(t, side, data); !sameJSON(t, data, again) {
					t.Errorf("example\n%s\nreads back as\n%s", data, again)
				}
			})
		}
	}
}

func recode(t *testing.T, side string, data []byte) []byte {
	t.Helper()
	var again []byte
	var err error
	if side == "client" {
		var id string
		var m ClientMessage
		if id, m, err = DecodeClient(data); err == nil {
			again, err = EncodeClient(id, m)
		}
	} else {
		var re string
		var m ServerMessage
		if re, m, err = DecodeServer(data); err == nil {
			again, err = EncodeServer(re, m)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

// writeExample makes an example with every field set, where there is none.
func writeExample(t *testing.T, path, side, typ string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	frame := map[string]any{"type": typ}
	if side == "client" {
		m, err := newClientMessage(typ)
		if err != nil {
			t.Fatal(err)
		}
		fill(reflect.ValueOf(m).Elem(), "")
		frame["id"], frame["body"] = "7", m
	} else {
		m, err := newServerMessage(typ)
		if err != nil {
			t.Fatal(err)
		}
		fill(reflect.ValueOf(m).Elem(), "")
		frame["re"], frame["body"] = "7", m
	}
	data, err := json.MarshalIndent(frame, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// samples are one value of each enumeration.
func samples() map[reflect.Type]string {
	return map[reflect.Type]string{
		reflect.TypeFor[Source](): string(Camera), reflect.TypeFor[StreamKind](): string(StreamPerson),
		reflect.TypeFor[As](): string(AsAccount), reflect.TypeFor[PersonKind](): string(PersonGuest),
		reflect.TypeFor[Role](): string(RoleCohost), reflect.TypeFor[Connection](): string(Connected),
		reflect.TypeFor[Quality](): string(QualityWeak), reflect.TypeFor[EventKind](): string(EventPosted),
		reflect.TypeFor[RemovedReason](): string(RemovedByHost), reflect.TypeFor[ErrorCode](): string(CodeInvalid),
		reflect.TypeFor[Topic](): string(TopicMinutes),
	}
}

func fill(v reflect.Value, name string) {
	if sample, ok := samples()[v.Type()]; ok {
		v.SetString(sample)
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name)
	case reflect.String:
		v.SetString(sampleText(name))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	default:
		panic("no sample for " + v.Type().String())
	}
}

func sampleText(name string) string {
	switch name {
	case "Text", "Title", "Name", "By", "StartedBy", "Message":
		return "海外专家交流会 / exchange"
	case "Emoji":
		return "👍"
	case "SDP", "Answer":
		return "v=0\r\n"
	case "MID", "Audio", "Video":
		return "4"
	}
	return "01935c1e-7b5a-7c4e-9a51-1d1f0a6f3b21"
}

// A slice is empty on the wire, never null, when a message was filled in by
// the hub; a zero message shows which fields rely on that.
func TestNothingIsNullWhenFilled(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("null")) {
			t.Errorf("%s holds null", f)
		}
	}
}

func TestBadFramesAreNamed(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	for name, test := range map[string]struct {
		frame string
		want  error
	}{
		"empty":              {"", ErrMalformed},
		"not JSON":           {"hello", ErrMalformed},
		"truncated":          {`{"type":"ping","body":{`, ErrMalformed},
		"trailing":           {`{"type":"ping"} {"type":"ping"}`, ErrMalformed},
		"no type":            {`{"body":{}}`, ErrMalformed},
		"type is a number":   {`{"type":7}`, ErrMalformed},
		"unknown type":       {`{"type":"reboot"}`, ErrUnknownType},
		"server's own type":  {`{"type":"welcome"}`, ErrUnknownType},
		"bad UTF-8":          {"{\"type\":\"ping\xff\"}", ErrMalformed},
		"body of wrong type": {`{"type":"post","body":[1,2]}`, ErrMalformed},
		"field of a wrong":   {`{"type":"post","body":{"text":7}}`, ErrMalformed},
		"number too large":   {`{"type":"read","body":{"seq":1e999}}`, ErrMalformed},
		"deep":               {`{"type":"post","body":{"mentions":` + deep + `}}`, ErrMalformed},
		"long id":            {fmt.Sprintf(`{"type":"ping","id":%q}`, strings.Repeat("x", 65)), ErrMalformed},
		"oversized":          {`{"type":"` + strings.Repeat("x", MaxFrame) + `"}`, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := DecodeClient([]byte(test.frame)); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
		})
	}
	if _, _, err := DecodeClient([]byte(`{"type":"ping","body":{"added":"later"}}`)); err != nil {
		t.Errorf("a field added later is refused: %v", err)
	}
}

func FuzzDecodeClient(f *testing.F) {
	seedFuzz(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		_, m, err := DecodeClient(data)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnknownType) {
				t.Errorf("error without a name: %v", err)
			}
			return
		}
		again, err := EncodeClient("1", m)
		if err != nil {
			t.Fatalf("decoded but not encoded: %v", err)
		}
		if _, second, err := DecodeClient(again); len(again) <= MaxFrame && (err != nil || !reflect.DeepEqual(m, second)) {
			t.Errorf("%+v came back as %+v, %v", m, second, err)
		}
	})
}

func FuzzDecodeServer(f *testing.F) {
	seedFuzz(f)
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _, _ = DecodeServer(data) // no panic
	})
}

func seedFuzz(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}
