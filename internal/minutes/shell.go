package minutes

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Book is the book of minutes.
type Book struct{}

func soon() error { return problem.New(http.StatusNotImplemented, "not_implemented", "not built yet") }

// Start begins minutes.
func (b *Book) Start(context.Context, uuid.UUID) (Minutes, error) { return Minutes{}, soon() }

// Versions lists versions.
func (b *Book) Versions(context.Context, uuid.UUID) ([]MinutesVersion, error) { return nil, soon() }

// Open returns minutes.
func (b *Book) Open(context.Context, uuid.UUID) (Minutes, error) { return Minutes{}, soon() }

// Update changes the head.
func (b *Book) Update(context.Context, uuid.UUID, MinutesChange) (Minutes, error) {
	return Minutes{}, soon()
}

// Submit hands in.
func (b *Book) Submit(context.Context, uuid.UUID) (Minutes, error) { return Minutes{}, soon() }

// Return gives back.
func (b *Book) Return(context.Context, uuid.UUID, string) (Minutes, error) { return Minutes{}, soon() }

// Sign signs.
func (b *Book) Sign(context.Context, uuid.UUID, string) (Minutes, error) { return Minutes{}, soon() }

// Correct corrects.
func (b *Book) Correct(context.Context, uuid.UUID) (Minutes, error) { return Minutes{}, soon() }

// AddBlock adds a block.
func (b *Book) AddBlock(context.Context, uuid.UUID, NewBlock) (Block, error) { return Block{}, soon() }

// SaveBlock saves a block.
func (b *Book) SaveBlock(context.Context, uuid.UUID, uuid.UUID, BlockChange) (Block, error) {
	return Block{}, soon()
}

// DeleteBlock deletes a block.
func (b *Book) DeleteBlock(context.Context, uuid.UUID, uuid.UUID, int) error { return soon() }

// BlockVersions lists versions of a block.
func (b *Book) BlockVersions(context.Context, uuid.UUID, uuid.UUID) ([]BlockVersion, error) {
	return nil, soon()
}

// Document writes the document.
func (b *Book) Document(context.Context, uuid.UUID) (string, []byte, error) { return "", nil, soon() }
