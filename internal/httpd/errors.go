package httpd

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

func internal() *problem.Error {
	return problem.New(http.StatusInternalServerError, "internal", "something went wrong on the server")
}

// Prepare settles what the REST library keeps in package variables: it speaks
// our problem documents, logs what they hide, and has no null lists. It is
// called once, at start.
func Prepare(log *slog.Logger) {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return toProblem(log, status, message, errs)
	}
	huma.NewErrorWithContext = func(_ huma.Context, status int, message string, errs ...error) huma.StatusError {
		return toProblem(log, status, message, errs)
	}
}

// toProblem words an error of the REST layer itself. What the caller sent is
// not repeated to it.
func toProblem(log *slog.Logger, status int, message string, errs []error) *problem.Error {
	if status >= http.StatusInternalServerError && postgres.Unstorable(errors.Join(errs...)) {
		return problem.New(http.StatusUnprocessableEntity, "invalid", "contains what cannot be stored")
	}
	if status >= http.StatusInternalServerError {
		if err := errors.Join(errs...); errors.Is(err, context.Canceled) {
			log.Debug("request was given up by its client", "err", err)
		} else if err != nil {
			log.Error("request failed", "err", err)
			if postgres.Unavailable(err) {
				return problem.New(http.StatusServiceUnavailable, "unavailable", "the database does not answer")
			}
		}
		return internal()
	}
	e := problem.New(status, codeOf(status), "%s", message)
	var details []map[string]string
	for _, err := range errs {
		detail, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			continue
		}
		details = append(details, map[string]string{"location": fieldOf(detail.Location), "message": detail.Message})
	}
	if len(details) > 0 {
		return e.With("errors", details)
	}
	return e
}

// fieldOf turns the layer's "body.agenda[0].title" into the caller's words.
func fieldOf(location string) string {
	for _, prefix := range []string{"body.", "query.", "path.", "header."} {
		if len(location) > len(prefix) && location[:len(prefix)] == prefix {
			return location[len(prefix):]
		}
	}
	return location
}

func codeOf(status int) string {
	switch status {
	case http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusBadRequest:
		return "malformed"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusUnsupportedMediaType:
		return "unsupported_media_type"
	case http.StatusNotAcceptable:
		return "not_acceptable"
	}
	return "refused"
}
