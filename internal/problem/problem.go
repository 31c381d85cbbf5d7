// Package problem holds the errors that users see: a stable code, a sentence,
// an HTTP status and, where one part of the input is at fault, its name. They
// are mapped once at each edge: to RFC 9457 problem documents over HTTP and to
// error messages on the socket. Any other error is internal and stays hidden.
package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// Error is an error a user may see.
type Error struct {
	// Status is the HTTP status (RFC 9110 section 15).
	Status int
	// Code is stable, in snake_case; clients word it themselves.
	Code string
	// Message is one English sentence for developers.
	Message string
	// Field names the part of the input at fault, as the caller wrote it.
	Field string
	// Extra are further members of the problem document (RFC 9457 section 3.2).
	Extra map[string]any
}

// New makes an error with a code.
func New(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid makes the error for a field with a bad value.
func Invalid(field, format string, args ...any) *Error {
	return New(http.StatusUnprocessableEntity, "invalid", format, args...).At(field)
}

// NotFound makes the error for an object that is not there, or not for the caller.
func NotFound(what string) *Error {
	return New(http.StatusNotFound, what+"_not_found", "no such %s", what)
}

// Forbidden makes the error for something the caller may not do.
func Forbidden(format string, args ...any) *Error {
	return New(http.StatusForbidden, "forbidden", format, args...)
}

// Unavailable makes the error of a hub whose database does not answer now.
func Unavailable() *Error {
	return New(http.StatusServiceUnavailable, "unavailable", "the database does not answer").With("retry_after", 2)
}

// Internal makes the error whose cause is for the log alone.
func Internal() *Error {
	return New(http.StatusInternalServerError, "internal", "something went wrong on the server")
}

// At returns a copy that names the field at fault.
func (e *Error) At(field string) *Error {
	named := *e
	named.Field = field
	return &named
}

// With returns a copy with a further member of the problem document.
func (e *Error) With(name string, value any) *Error {
	more := *e
	more.Extra = make(map[string]any, len(e.Extra)+1)
	maps.Copy(more.Extra, e.Extra)
	more.Extra[name] = value
	return &more
}

// Error implements error.
func (e *Error) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("%s: %s: %s", e.Code, e.Field, e.Message)
	}
	return e.Code + ": " + e.Message
}

// Is lets errors.Is compare by code.
func (e *Error) Is(target error) bool {
	other, ok := errors.AsType[*Error](target)
	return ok && other.Code == e.Code
}

// Code returns the code of a user-visible error, or "".
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// GetStatus returns the HTTP status, as the REST layer asks for it.
func (e *Error) GetStatus() int { return e.Status }

// GetHeaders returns the header fields that belong to the error, as the REST
// layer asks for them: Retry-After (RFC 9110 section 10.2.3) where the problem
// has a retry_after, in seconds.
func (e *Error) GetHeaders() http.Header {
	if seconds, ok := e.Extra["retry_after"].(int); ok {
		return http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	}
	return nil
}

// ContentType is the media type of a problem document (RFC 9457 section 6.1).
func (e *Error) ContentType(string) string { return "application/problem+json" }

// MarshalJSON writes the problem document.
func (e *Error) MarshalJSON() ([]byte, error) {
	doc := make(map[string]any, len(e.Extra)+5)
	maps.Copy(doc, e.Extra)
	doc["title"] = http.StatusText(e.Status)
	doc["status"] = e.Status
	doc["code"] = e.Code
	doc["detail"] = e.Message
	if e.Field != "" {
		doc["errors"] = []map[string]string{{"location": e.Field, "message": e.Message}}
	}
	return json.Marshal(doc)
}

// Write answers a plain HTTP request with the problem document.
func Write(w http.ResponseWriter, e *Error) {
	body, err := json.Marshal(e)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", e.ContentType(""))
	maps.Copy(w.Header(), e.GetHeaders())
	w.WriteHeader(e.Status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone; nothing is left to do
}
