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

// Prepare settles what the REST library keeps in package variables: it speaks
// our problem documents, logs what they hide, and has no null lists. It is
// called once, at start.
func Prepare(log *slog.Logger) {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return toProblem(log, status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		e := toProblem(log, status, message, errs)
		for name, values := range e.GetHeaders() {
			ctx.SetHeader(name, values[0])
		}
		return e
	}
}

// toProblem words an error of the REST layer itself. What the caller sent is
// not repeated to it.
func toProblem(log *slog.Logger, status int, message string, errs []error) *problem.Error {
	if status >= http.StatusInternalServerError {
		return hidden(log, errors.Join(errs...))
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

// hidden words an error of a handler's, and logs what it does not say.
func hidden(log *slog.Logger, err error) *problem.Error {
	p, hidden := postgres.Problem(err)
	switch {
	case errors.Is(err, context.Canceled):
		log.Debug("request was given up by its client", "err", err)
	case err != nil && hidden:
		log.Error("request failed", "err", err)
	}
	return p
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
