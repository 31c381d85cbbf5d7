package files

import (
	"encoding/base64"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yunqiao/yunqiao/internal/label"
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
// devices put before it. Contents are kept under ids: how long a name is in
// bytes matters to nobody.
func cleanName(name string) (string, error) {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	switch {
	case name == "." || name == ".." || name == "/":
		return "", problem.Invalid("filename", "no name of a file")
	case utf8.RuneCountInString(name) > maxName:
		return "", problem.New(http.StatusUnprocessableEntity, "name_too_long", "a file's name has at most %d characters", maxName).At("filename")
	}
	return label.Required("filename", name, maxName)
}
