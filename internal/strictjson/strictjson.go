// Package strictjson refuses JSON that encoding/json takes and quietly changes:
// text that is not UTF-8, and halves of surrogate pairs, which both become
// U+FFFD (RFC 8259 sections 8.1 and 8.2).
package strictjson

import (
	"encoding/json"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// ErrInvalid is returned for what is not JSON, or not text.
var ErrInvalid = errors.New("not JSON in UTF-8 with whole characters")

// Check says whether data is one JSON value of whole characters. Names that
// stand twice in an object are left to the decoder.
func Check(data []byte) error {
	if !jsontext.Value(data).IsValid(jsontext.AllowDuplicateNames(true)) {
		return ErrInvalid
	}
	return nil
}

// Unmarshal decodes data that passes Check.
func Unmarshal(data []byte, into any) error {
	if err := Check(data); err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}
