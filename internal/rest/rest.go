// Package rest holds the few shapes that the operations of all features share.
package rest

import (
	"maps"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

type (
	// Body is an answer with a body.
	Body[T any] struct{ Body T }
	// Empty is an input without parameters, or an answer without a body.
	Empty struct{}
	// ByID names one object by the path.
	ByID struct {
		ID uuid.UUID `path:"id" format:"uuid"`
	}
)

// Reply answers with a value, or with why there is none.
func Reply[T any](value T, err error) (*Body[T], error) {
	if err != nil {
		return nil, err
	}
	return &Body[T]{Body: value}, nil
}

// costKey is where an operation's cost stands in its metadata.
const costKey = "cost"

// Costly says what an operation costs its caller, where an ordinary one costs 1:
// about how many ordinary ones are as much work.
func Costly(cost float64, op huma.Operation) huma.Operation {
	op.Metadata = maps.Clone(op.Metadata)
	if op.Metadata == nil {
		op.Metadata = make(map[string]any, 1)
	}
	op.Metadata[costKey] = cost
	return op
}

// Cost is what an operation costs its caller.
func Cost(op *huma.Operation) float64 {
	if cost, ok := op.Metadata[costKey].(float64); ok {
		return cost
	}
	return 1
}

// Operation describes an operation of a feature.
func Operation(feature, id, method, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{feature}}
}
