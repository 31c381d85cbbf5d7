package files

import (
	"encoding/base64"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yunqiao/yunqiao/internal/problem"
)

const maxDurationMS = 24 * 60 * 60 * 1000

// metadata is what an upload says of itself.
type metadata struct {
	Name       string
	Voice      bool
	DurationMS int
}

// parseMetadata reads the header Upload-Metadata (tus 1.0.0, "Creation"):
// pairs of a key and a value in base64, parted by commas. The media type that
// browsers add is their guess; ours comes from the content.
func parseMetadata(header string) (metadata, error) {
	var m metadata
	seen := map[string]bool{}
	if len(header) > 4096 {
		return m, invalidMetadata("at most 4096 bytes")
	}
	for pair := range strings.SplitSeq(header, ",") {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.Strict().DecodeString(encoded)
		switch {
		case err != nil:
			return m, invalidMetadata("the value of %q is not base64", key)
		case seen[key]:
			return m, invalidMetadata("%q is there twice", key)
		}
		seen[key] = true
		if err := m.set(key, string(value)); err != nil {
			return m, err
		}
	}
	if !seen["filename"] {
		return m, problem.Invalid("filename", "missing in Upload-Metadata")
	}
	return m, nil
}

func invalidMetadata(format string, args ...any) error {
	return problem.Invalid("Upload-Metadata", format, args...)
}

func (m *metadata) set(key, value string) (err error) {
	switch key {
	case "filename":
		m.Name, err = cleanName(value)
	case "filetype":
	case "voice":
		m.Voice = true
	case "duration_ms":
		m.DurationMS, err = strconv.Atoi(value)
		if err != nil || m.DurationMS < 0 || m.DurationMS > maxDurationMS {
			err = problem.Invalid("duration_ms", "milliseconds, at most a day")
		}
	default:
		err = invalidMetadata("unknown key")
	}
	return err
}

// cleanName takes a name as people see it, without the folders that some
// devices put before it.
func cleanName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", problem.Invalid("filename", "not UTF-8")
	}
	name = strings.TrimSpace(path.Base(strings.ReplaceAll(name, `\`, "/")))
	switch {
	case name == "" || name == "." || name == ".." || name == "/":
		return "", problem.Invalid("filename", "empty")
	case len(name) > maxName:
		return "", problem.Invalid("filename", "at most %d bytes", maxName)
	case strings.ContainsFunc(name, hidden):
		return "", problem.Invalid("filename", "contains a control character")
	}
	return name, nil
}

// hidden says of a character that it is a control, or turns the direction of
// what follows, by which a program is made to look like a picture.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029
}
