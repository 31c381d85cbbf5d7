package signaling

import (
	"errors"
	"net/http"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// refusal is an error that the client is told.
type refusal struct{ wire.Failure }

func (r *refusal) Error() string { return string(r.Code) + ": " + r.Message }

func failure(code wire.ErrorCode, message string) *refusal {
	return &refusal{wire.Failure{Code: code, Message: message}}
}

func (r *refusal) at(field string) *refusal {
	named := *r
	named.Field = field
	return &named
}

var (
	errNotInMeeting = failure(wire.CodeNotInMeeting, "join a meeting first")
	errModerators   = failure(wire.CodeForbidden, "for hosts and cohosts only")
	errStandsIn     = failure(wire.CodeForbidden, "for whose meeting it is, not for who stands in")
	errRestart      = failure(wire.CodeConflict, "the server is restarting")
	errGone         = failure(wire.CodeConflict, "the socket is closing")
	errTakenOut     = failure(wire.CodeForbidden, "put out meanwhile")
	errNobody       = failure(wire.CodeNotFound, "no such participant").at("participant")
)

// toFailure words an error for the client; hidden is set when the cause is for
// the log alone.
func toFailure(err error) (f wire.Failure, hidden bool) {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.Failure, false
	}
	if bad, ok := errors.AsType[*sfu.OfferError](err); ok {
		return wire.Failure{Code: wire.CodeOffer, Message: bad.Reason, Field: bad.Field}, false
	}
	p, hidden := postgres.Problem(err)
	return wire.Failure{Code: codeOf(p), Message: p.Message, Field: p.Field}, hidden
}

func codeOf(p *problem.Error) wire.ErrorCode {
	switch p.Status {
	case http.StatusUnauthorized:
		return wire.CodeUnauthorized
	case http.StatusForbidden:
		return wire.CodeForbidden
	case http.StatusNotFound:
		return wire.CodeNotFound
	case http.StatusConflict:
		return wire.CodeConflict
	case http.StatusTooManyRequests:
		return wire.CodeRate
	case http.StatusServiceUnavailable:
		return wire.CodeUnavailable
	case http.StatusInternalServerError:
		return wire.CodeInternal
	}
	return wire.CodeInvalid
}
